import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { answer, restCall } from '../../../test/support/upstream/calls.ts';
import { settled } from '../../../test/support/upstream/scripted-send.ts';
import { stacked } from '../../../test/support/upstream/stacked.ts';
import { ANONYMOUS } from '../../request/principal.ts';
import type { Call, Send } from '../call.ts';
import { endpointAt } from '../endpoints/endpoint.ts';
import type { UpstreamEvent } from '../events.ts';

const hung: Send = ({ signal }) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

/** An upstream that sends all reads to v1, and to the shadow v2. */
const shadowedBy = (v2: Send, v1: unknown = { id: 1 }, ignore: readonly string[] = []) => {
  const clock = manualClock();
  const events: UpstreamEvent[] = [];
  const reached = { v1: 0, v2: 0 };
  const upstream = stacked(
    async (call) => {
      const version = call.endpoint?.labels.version === 'v2' ? 'v2' : 'v1';
      reached[version] += 1;
      return version === 'v2' ? v2(call) : answer(v1);
    },
    {
      clock,
      random: () => 0.5,
      endpoints: ['v1', 'v2'].map((version) => endpointAt(`http://${version}`, { labels: { version } })),
      report: (event) => events.push(event),
      traffic: {
        routing: {
          subsets: { v1: { version: 'v1' }, v2: { version: 'v2' } },
          routes: [{ to: 'v1' }],
          shadow: { to: 'v2', share: 1, inFlight: 4, timeoutMs: 1_000, ignore },
        },
      },
    },
  );
  const sendCall = (changes: Partial<Call> = {}) =>
    upstream.send(restCall({ deadline: clock.now() + 10_000, ...changes }));
  const shadows = () => events.filter((event) => event.is === 'shadow');
  return { sendCall, clock, reached, shadows };
};

test('10,000 reads with a hung shadow take no time of the clock, and hold few copies', async () => {
  const { sendCall, clock, reached, shadows } = shadowedBy(hung);
  for (let read = 0; read < 10_000; read += 1) expect((await sendCall()).value).toEqual({ id: 1 });
  expect([clock.now(), reached]).toEqual([0, { v1: 10_000, v2: 4 }]);
  clock.advance(1_000);
  await settled();
  expect(shadows().map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'failed', 'failed']);
  clock.advance(100);
  await sendCall();
  expect(reached.v2).toBe(5);
});

test('a failing shadow receives at most ten copies a second', async () => {
  const { sendCall, clock, reached } = shadowedBy(() => Promise.reject(new Error('down')));
  for (let ms = 0; ms < 1_000; ms += 10) {
    await sendCall();
    await settled();
    clock.advance(10);
  }
  expect(reached).toEqual({ v1: 100, v2: 10 });
});

test('a failing shadow costs the client nothing', async () => {
  const { sendCall, shadows } = shadowedBy(() => Promise.reject(new Error('down')));
  expect((await sendCall()).value).toEqual({ id: 1 });
  await settled();
  expect(shadows()).toMatchObject([{ outcome: 'failed' }]);
});

test('planted differences are found by path, without values', async () => {
  const one = {
    id: 1,
    items: [
      { price: 5, name: 'a' },
      { price: 6, name: 'b' },
    ],
    note: null,
    at: 1,
    old: 'secret',
  };
  const other = {
    id: '1',
    items: [
      { price: 5, name: 'a' },
      { price: 7, name: 'b' },
    ],
    note: null,
    at: 2,
    now: 'secret',
  };
  const { sendCall, shadows } = shadowedBy(async () => answer(other), one, ['at']);
  await sendCall();
  await settled();
  expect(shadows()).toMatchObject([
    {
      outcome: 'different',
      differences: [
        { path: 'id', change: 'number -> string' },
        { path: 'items[].price', change: 'changed' },
        { path: 'old', change: 'missing' },
        { path: 'now', change: 'added' },
      ],
    },
  ]);
  expect(JSON.stringify(shadows())).not.toContain('secret');
});

test('the log has one sample in ten seconds', async () => {
  const { sendCall, clock, shadows } = shadowedBy(async () => answer({ id: 2 }));
  for (const ms of [0, 5_000, 5_000]) {
    clock.advance(ms);
    await sendCall();
    await settled();
  }
  expect(shadows().map(({ isSampled }) => isSampled)).toEqual([true, false, true]);
});

test('equal answers are counted as equal', async () => {
  const { sendCall, shadows } = shadowedBy(async () => answer({ id: 1 }));
  await sendCall();
  await settled();
  expect(shadows()).toMatchObject([{ outcome: 'equal', differences: [] }]);
});

const operation = { name: null, kind: 'mutation', argument: () => [] } as const;
const mutation = { headers: {}, principal: ANONYMOUS, clientAddress: '', operation };

test.each<[string, Partial<Call>]>([
  ['a write', { message: { protocol: 'rest', method: 'POST', target: '/', body: '{}' }, idempotent: false }],
  ['an idempotent write', { message: { protocol: 'rest', method: 'PUT', target: '/', body: '{}' } }],
  ['a read of a mutation', { origin: mutation }],
  ['a write over gRPC', { message: { protocol: 'grpc', path: '/a', request: new Uint8Array(), decode: () => null } }],
])('%s is never copied', async (_title, changes) => {
  const { sendCall, reached } = shadowedBy(hung);
  for (let call = 0; call < 100; call += 1) await sendCall(changes);
  await settled();
  expect(reached.v2).toBe(0);
});
