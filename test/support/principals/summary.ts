import { z } from 'zod';
import type { Received } from './backends.ts';
import type { Tally } from './caller.ts';
import type { WatchedGateway } from './gateway.ts';

const count = z.int().nonnegative();

/** Result of one run. */
export const Summary = z.strictObject({
  /** Repeats the run's queries. */
  seed: z.int(),
  callers: count,
  ms: count,
  answers: count,
  /** Maximum number of concurrent requests. */
  atOnce: count,
  /** Marks in the answers: of the caller, public, and foreign. */
  marks: z.strictObject({ own: count, shared: count, foreign: count }),
  /** Number of uses of each mechanism that could mix up callers. */
  used: z.strictObject({ operationCache: count, entityCache: count, sharedFlights: z.int(), batches: count }),
  /** Broken guarantees, and reasons why the run proves nothing; empty for none. */
  failures: z.array(z.string()),
});
export type Summary = z.infer<typeof Summary>;

interface Run {
  readonly seed: number;
  readonly callers: number;
  /** Maximum number of requests that can be in flight. */
  readonly connections: number;
  readonly ms: number;
  readonly tally: Tally;
  readonly gateway: Pick<WatchedGateway, 'counts' | 'mostAtOnce'>;
  readonly received: Received;
}

const EXAMPLES = 3;

export const summaryOf = ({ seed, callers, connections, ms, tally, gateway, received }: Run): Summary => {
  const { answers, own, shared, foreign, unexpected } = tally;
  const { counts } = gateway;
  const used = {
    operationCache: counts.operationHits,
    entityCache: counts.entityHits,
    sharedFlights: counts.calls - received.calls,
    batches: received.batches,
  };
  const atOnce = gateway.mostAtOnce();
  const failures = [
    ...foreign.slice(0, EXAMPLES).map(({ asked, text }) => `${asked ?? 'an anonymous caller'} received "${text}"`),
    ...[...new Set(unexpected)].slice(0, EXAMPLES),
    ...(own < answers ? [`only ${own} marks in ${answers} answers`] : []),
    ...(atOnce < Math.min(callers, connections) * 0.8 ? [`only ${atOnce} requests at one time`] : []),
    ...Object.entries(used).flatMap(([name, times]) => (times > 0 ? [] : [`${name} was not made use of`])),
  ];
  return {
    seed,
    callers,
    ms,
    answers,
    atOnce,
    marks: { own, shared, foreign: foreign.length },
    used,
    failures,
  };
};
