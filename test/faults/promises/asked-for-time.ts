import { pushback } from '../../../src/upstream/grpc/pushback.ts';
import { retryAfterMs } from '../../../src/upstream/retry/retry-after.ts';
import { failures } from '../load.ts';
import type { ProtocolName } from '../protocols.ts';
import { type FaultPromise, found } from './promise.ts';

const ASKED_S = 3;
const NOW = Date.UTC(2026, 0, 1);
const inSeconds = (seconds: number): string => new Date(NOW + seconds * 1_000).toUTCString();

/** Parsed header in milliseconds, and its expected value. */
const WISHES: Readonly<Record<ProtocolName, readonly (readonly [number | null | 'never', number | null | 'never'])[]>> =
  {
    rest: [
      [retryAfterMs('3', NOW), 3_000],
      [retryAfterMs('999999', NOW), 300_000],
      [retryAfterMs(inSeconds(7), NOW), 7_000],
      [retryAfterMs(inSeconds(-7), NOW), 0],
      [retryAfterMs(inSeconds(9_999), NOW), 300_000],
      [retryAfterMs('soon', NOW), null],
      [retryAfterMs('-1', NOW), null],
      [retryAfterMs('1.5', NOW), null],
    ],
    grpc: [
      [pushback('3000', undefined).retryAfterMs, 3_000],
      [pushback('999999999', undefined).retryAfterMs, 300_000],
      [pushback(undefined, 7_000).retryAfterMs, 7_000],
      [pushback(undefined, 9e9).retryAfterMs, 300_000],
      [pushback('-1', undefined).noRetry ? 'never' : 0, 'never'],
      [pushback('soon', undefined).noRetry ? 'never' : 0, 'never'],
    ],
  };

export const askedForTime: FaultPromise = {
  id: 'asked-for-time',
  promises:
    '1 of 3 is busy and asks for 3 s: no request to it for 3.0 to 3.5 s; at most 300 s, dates and junk are understood',
  run: async ({ open, protocol }) => {
    await using rig = await open();
    await rig.warmUp();
    const busy = rig.backend(0);
    await busy.conduct({ failShare: 1, failure: 'busy', retryAfterS: ASKED_S });
    await busy.forget();
    const samples = await rig.load({ perSecond: 200, forMs: 9_000, prefix: 'busy' }).done;
    const { arrivals } = await busy.seen();
    const gaps = arrivals.slice(1).map((at, index) => at - (arrivals[index] ?? 0));
    // Attempts in flight at the first answer do not count.
    const pauses = gaps.filter((gap) => gap > 100);
    const misread = WISHES[protocol.name].filter(([is, should]) => is !== should).length;
    return found(
      `${arrivals.length} requests in 9 s, pauses of ${pauses.map((ms) => (ms / 1_000).toFixed(2)).join(', ')} s; ${WISHES[protocol.name].length - misread} of ${WISHES[protocol.name].length} wishes understood; clients saw ${failures(samples) || 'no error'}`,
      [
        pauses.length < 2 && 'it was not asked again',
        pauses.some((ms) => ms < 2_990) && 'asked too early',
        arrivals.length > 9 && 'asked too often',
        misread > 0 && 'a wish was misread',
      ],
      [pauses.some((ms) => ms > 3_500) && 'asked too late'],
    );
  },
};
