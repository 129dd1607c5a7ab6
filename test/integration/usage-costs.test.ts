import { randomUUID } from 'node:crypto';
import { rest } from 'tributary/backend';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { connectAll, requiredEndpoints } from '../../src/app/upstream-registry.ts';
import { readConfig } from '../../src/config/settings.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Counters } from '../../src/rate-limit/counters/counters.ts';
import { MemoryCounters } from '../../src/rate-limit/counters/memory-counters.ts';
import { RedisCounters } from '../../src/rate-limit/counters/redis-counters.ts';
import { readLimits } from '../../src/rate-limit/rules/read-limits.ts';
import { RuleSet } from '../../src/rate-limit/rules/rule-set.ts';
import { rawBackend } from '../support/backends/raw-backend.ts';
import { redisUrl } from '../support/backends/redis.ts';
import { redisConnection } from '../support/backends/redis-connection.ts';
import { manualClock } from '../support/clock/manual-clock.ts';
import { askAndLeave } from '../support/gateway/disconnecting-client.ts';
import { servedGateway } from '../support/gateway/served-gateway.ts';
import { define, typeDefs } from '../support/modules/small-modules.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';

const url = await redisUrl();

/** Each byte costs 1. */
const WEIGHTS = { perCall: 10, perKib: 1_024 };
const COST = { 'tributary-cost': 'show' };
const ROWS = '[{"name":"lamp"},{"name":"Stühle"}]';

const shop = define({
  name: 'shop',
  typeDefs: typeDefs(`
    type Query { things: [Thing] @listSize(assumedSize: 3)  own: Int }
    type Thing { name: String }
  `),
  upstreams: { shelf: rest() },
  resolvers: {
    Query: {
      things: (_root, _args, { clients }) =>
        clients.shelf.get('/things', { response: z.array(z.object({ name: z.string() })) }),
      own: () => 1,
    },
  },
});

type Answer = (number: number) => number | null;

interface RigOptions {
  readonly rate: string;
  readonly counters?: Counters;
  /** Status of the attempt with this number; null for no answer. Default: 200. */
  readonly status?: Answer;
}

/** A gateway with a budget of costs, and two backends behind its real upstream stack. */
const rig = async ({
  rate,
  counters = new MemoryCounters({ clock: manualClock() }),
  status = () => 200,
}: RigOptions) => {
  let attempts = 0;
  const backend = async () => {
    const { url: at, ...server } = await rawBackend((_request, response) => {
      attempts += 1;
      const code = status(attempts);
      if (code !== null) response.writeHead(code, { 'content-type': 'application/json' }).end(ROWS);
    });
    onTestFinished(() => server[Symbol.asyncDispose]());
    return at;
  };
  const endpoints = { SHOP_SHELF_ENDPOINTS: `${await backend()},${await backend()}` };
  const { required } = readConfig(endpoints, requiredEndpoints([shop]));
  const upstreams = connectAll([shop], required, { clock: systemClock, connectTimeoutMs: 100_000 });
  const { limits } = readLimits(JSON.stringify({ rules: [{ name: 'budget', key: [], count: 'cost', rates: [rate] }] }));
  if (limits === null) throw new Error('The rule is valid.');
  const rules = new RuleSet(limits);
  const logged: unknown[] = [];
  const gateway = await servedGateway({
    modules: [shop],
    connect: upstreams.connect,
    usageWeights: WEIGHTS,
    requestLimits: { rules: () => rules, counters, guesses: null },
    edge: { access: ({ cost }) => void logged.push(cost) },
  });
  onTestFinished(() => upstreams.close());
  const left = (headers: Headers): number => Number(/;r=(\d+);/.exec(headers.get('ratelimit') ?? '')?.[1]);
  return { ...gateway, logged, left, attempts: () => attempts };
};

const inRedis = async (): Promise<Counters> => {
  const redis = await redisConnection(url ?? '');
  onTestFinished(() => redis.close());
  return new RedisCounters(redis, { namespace: `tributary:test:${randomUUID()}` });
};

const stores = [
  { store: 'memory', open: async () => new MemoryCounters({ clock: manualClock() }) },
  ...(url === null ? [] : [{ store: 'Redis', open: inRedis }]),
];

describe.each(stores)('counters in $store', ({ open }) => {
  test('a budget pays for the attempts of calls and for bytes, to the unit, and gets back what is not used', async () => {
    const rate = '10000/1h;algorithm=fixed-window';
    const status = (attempt: number) => (attempt === 1 ? 503 : 200);
    const { runQuery, left, logged, attempts } = await rig({ rate, counters: await open(), status });
    const first = await runQuery('{ things { name } }', { headers: COST });
    const bytes = Buffer.byteLength(JSON.stringify(first.body.data));
    // The first attempt failed. Of three things two are there.
    expect([attempts(), first.body.extensions.cost]).toEqual([
      2,
      { static: 5, actual: 4 + 20 + bytes, calls: 2, bytes },
    ]);
    expect(left(first.headers)).toBe(10_000 - 5);
    const second = await runQuery('{ things { name } }', { headers: COST });
    expect(second.body.extensions.cost).toEqual({ static: 5, actual: 4 + 10 + bytes, calls: 1, bytes });
    expect(left(second.headers)).toBe(10_000 - (24 + bytes) - 5);
    const third = await runQuery('{ own }', { headers: COST });
    expect(third.body.extensions.cost).toEqual({ static: 1, actual: 1 + 9, calls: 0, bytes: 9 });
    expect(left(third.headers)).toBe(10_000 - (24 + bytes) - (14 + bytes) - 1);
    const costs = [first, second, third].map(({ body }) => body.extensions.cost);
    await vi.waitUntil(() => logged.length === 3, LONG_WAIT);
    expect(logged).toEqual(costs);
  });

  test.each(['40/1h', '40/1h;burst=10', '40/1h;algorithm=fixed-window'])(
    'what an operation costs above its reservation is a debt of the budget: %s',
    async (rate) => {
      const { runQuery, attempts } = await rig({ rate, counters: await open() });
      expect((await runQuery('{ things { name } }')).status).toBe(200);
      const { status, body } = await runQuery('{ own }');
      expect([status, body.errors[0].extensions.code, attempts()]).toEqual([429, 'RATE_LIMITED', 1]);
    },
  );
});

test('a client that disconnects pays for the calls of its operation', async () => {
  const settled: number[] = [];
  const own = new MemoryCounters({ clock: manualClock() });
  const counters: Counters = {
    take: (demand) => ({
      ...own.take(demand),
      settle: (corrections) => settled.push(...corrections.map(({ amount }) => amount)),
    }),
  };
  const { origin, attempts } = await rig({ rate: '1000/1h', counters, status: () => null });
  const leave = askAndLeave(new URL('/graphql', origin), '{ things { name } }');
  await vi.waitUntil(() => attempts() === 1, LONG_WAIT);
  leave();
  await vi.waitUntil(() => settled.length > 0, LONG_WAIT);
  // The query and the call of its field cost 2, of which 5 are reserved.
  expect(settled).toEqual([2 + 10 + '{"things":null}'.length - 5]);
});
