import { rest } from 'tributary/backend';
import { z } from 'zod';
import type { Counters } from '../../../src/rate-limit/counters/counters.ts';
import { MemoryCounters } from '../../../src/rate-limit/counters/memory-counters.ts';
import type { EventLoopLoad } from '../../../src/rate-limit/overload/event-loop.ts';
import { clientRule } from '../../../src/rate-limit/rules/client-rule.ts';
import { readLimits } from '../../../src/rate-limit/rules/read-limits.ts';
import { RuleSet } from '../../../src/rate-limit/rules/rule-set.ts';
import { manualClock } from '../clock/manual-clock.ts';
import { define, typeDefs } from '../modules/small-modules.ts';
import { servedGateway } from './served-gateway.ts';

export interface RuledGatewayOptions {
  /** Rules of the file. */
  readonly rules?: readonly object[];
  readonly file?: object;
  /** Requests of one client in a minute. Default: any number. */
  readonly client?: number;
  /** Default: in memory, with a clock that stands still. */
  readonly counters?: Counters;
  readonly directEdge?: boolean;
  /** Operations of a batch. Default: no batches. */
  readonly maxBatchOperations?: number;
  /** Load of the event loop. Default: none. */
  readonly eventLoop?: () => Partial<EventLoopLoad>;
}

/** A gateway with limits, and a backend: `Query.slow` waits for a function of `waiting`. */
export const ruledGateway = async (options: RuledGatewayOptions) => {
  const { rules = [], file = {}, client, counters, directEdge = true, eventLoop = () => ({}) } = options;
  const { maxBatchOperations = 0 } = options;
  const waiting: (() => void)[] = [];
  const priorities: unknown[] = [];
  const logged: string[] = [];
  const shop = define({
    name: 'shop',
    typeDefs: typeDefs(`
      type Query {
        search(text: String): Int  other: Int  slow: Int  hidden: Int @authenticated
        items(first: Int!): [Item!]! @listSize(slicingArguments: ["first"])
      }
      type Item { n: Int }
      type Mutation { change: Int  begin: Begun }
      type Begun { query: Query }`),
    upstreams: { shelf: rest({ forward: { headers: ['x-request-priority'] } }) },
    resolvers: {
      Query: {
        search: (_root, _args, { clients }) => clients.shelf.get('/search', { response: z.int() }),
        other: () => 1,
        items: () => [{ n: 1 }, { n: 2 }],
        slow: () => new Promise((resolve) => waiting.push(() => resolve(1))),
        hidden: () => 1,
      },
      Begun: { query: () => ({}) },
      Mutation: {
        begin: () => ({}),
        change: (_root, _args, { clients }) => clients.shelf.post('/change', { body: {}, response: z.int() }),
      },
    },
  });
  const { limits, problems } = readLimits(JSON.stringify({ ...file, rules }));
  if (limits === null) throw new Error(problems.join('\n'));
  const own = client === undefined ? [] : [clientRule({ limit: client, seconds: 60 })];
  const set = new RuleSet({ ...limits, rules: [...own, ...limits.rules] });
  const gateway = await servedGateway({
    modules: [shop],
    answer: ({ headers }) => {
      priorities.push(headers['x-request-priority']);
      return 1;
    },
    requestLimits: {
      rules: () => set,
      counters: counters ?? new MemoryCounters({ clock: manualClock() }),
      guesses: null,
      eventLoop: () => ({ delayMs: 0, utilization: 0, ...eventLoop() }),
    },
    log: { warn: (message) => void logged.push(message), error: (message) => void logged.push(message) },
    edge: { directEdge },
    listener: { trustedProxies: ['127.0.0.1'], maxBatchOperations },
  });
  const statusesOf = async (queries: readonly string[], asked = {}) => {
    const statuses: number[] = [];
    for (const query of queries) statuses.push((await gateway.runQuery(query, asked)).status);
    return statuses;
  };
  return { ...gateway, waiting, priorities, logged, statusesOf };
};

/** The query, so many times. */
export const times = (count: number, query: string): readonly string[] => Array(count).fill(query);
