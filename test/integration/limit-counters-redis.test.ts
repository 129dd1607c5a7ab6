import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Charge, type Charged, type Counters, STORE_FAILURES } from '../../src/rate-limit/counters/counters.ts';
import { MemoryCounters } from '../../src/rate-limit/counters/memory-counters.ts';
import { RATE_ALGORITHMS, type Rate } from '../../src/rate-limit/counters/rate.ts';
import { RedisCounters, type ScriptRunner } from '../../src/rate-limit/counters/redis-counters.ts';
import { SurvivingCounters } from '../../src/rate-limit/counters/surviving-counters.ts';
import { readLimits } from '../../src/rate-limit/rules/read-limits.ts';
import { NO_LIMITS } from '../../src/rate-limit/rules/rule.ts';
import { RuleSet } from '../../src/rate-limit/rules/rule-set.ts';
import { ANONYMOUS } from '../../src/request/principal.ts';
import { redisUrl } from '../support/backends/redis.ts';
import { redisConnection } from '../support/backends/redis-connection.ts';
import { TAKE_AT_SCRIPT } from '../support/backends/take-at-script.ts';
import { manualClock } from '../support/clock/manual-clock.ts';

const url = await redisUrl();
const where = url ?? 'neither REDIS_URL nor redis-server is there';

const working = async () => {
  const connection = await redisConnection(url ?? '');
  onTestFinished(() => connection.close());
  return connection;
};

const charge = (key: string, rate: Rate, changes: Partial<Charge> = {}): Charge => ({
  ...{ key, rate, needed: 1, amount: 1, isEnforced: true, onStoreFailure: 'local' },
  ...changes,
});

/** Passes the time of a clock to the script, as its last argument. */
const atTimeOf = (redis: ScriptRunner, now: () => number): ScriptRunner => {
  const timed = <Call extends { readonly arguments: string[] }>(call: Call): Call => ({
    ...call,
    arguments: [...call.arguments, String(now())],
  });
  return {
    client: {
      eval: (script, call) => redis.client.eval(script, timed(call)),
      evalSha: (sha, call) => redis.client.evalSha(sha, timed(call)),
    },
    guarded: (call) => redis.guarded(call),
  };
};

const rates = fc.record({
  algorithm: fc.constantFrom(...RATE_ALGORITHMS),
  limit: fc.integer({ min: 1, max: 20 }),
  seconds: fc.integer({ min: 1, max: 30 }),
  burst: fc.integer({ min: 1, max: 20 }),
});

const steps = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 12_345 }),
    charges: fc.array(
      fc.record({
        rate: fc.nat(2),
        key: fc.constantFrom('a', 'b'),
        amount: fc.nat(6),
        more: fc.nat(2),
        isEnforced: fc.boolean(),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    corrected: fc.integer({ min: -4, max: 9 }),
  }),
  { minLength: 1, maxLength: 25 },
);

/** The parts of a result that must be equal; fractions of a millisecond may differ. */
const comparable = (results: readonly Charged[]) =>
  results.map(({ admitted, remaining, resetMs, retryMs }) => ({
    admitted,
    remaining,
    resetMs: Math.round(resetMs),
    retryMs: Math.round(retryMs),
  }));

describe.skipIf(url === null)(`with Redis (${where})`, () => {
  test('the script decides as the counters in memory do, for random rates, charges, times and corrections', async () => {
    const redis = await working();
    await fc.assert(
      fc.asyncProperty(fc.tuple(rates, rates, rates), steps, async (known, played) => {
        const clock = manualClock();
        clock.advance(1_000_000);
        const namespace = `tributary:test:${randomUUID()}`;
        const memory = new MemoryCounters({ clock });
        const shared = new RedisCounters(
          atTimeOf(redis, () => clock.now()),
          { namespace, script: TAKE_AT_SCRIPT },
        );
        for (const { afterMs, charges, corrected } of played) {
          clock.advance(afterMs);
          // Each counter once: a second charge of one request sees the state before both.
          const once = charges.filter(
            ({ rate, key }, index) =>
              charges.findIndex((other) => other.key === key && known[other.rate] === known[rate]) === index,
          );
          const demand = {
            charges: once.map(({ rate, key, amount, more, isEnforced }) =>
              charge(`${rate}${key}`, known[rate] as Rate, { amount, needed: amount + more, isEnforced }),
            ),
            places: [],
          };
          const [own, other] = [await memory.take(demand), await shared.take(demand)];
          expect(comparable(other.charges)).toEqual(comparable(own.charges));
          const [first] = demand.charges;
          if (first === undefined || corrected === 0) continue;
          const correction = { key: first.key, rate: first.rate, amount: corrected };
          own.settle([correction], []);
          other.settle([correction], []);
        }
      }),
      { numRuns: 60 },
    );
  });

  test.each(RATE_ALGORITHMS)(
    'two gateways together admit no more than a %s, under concurrent load',
    async (algorithm) => {
      const gateways = [new RedisCounters(await working()), new RedisCounters(await working())];
      const rate: Rate = { algorithm, limit: 50, seconds: 3_600, burst: 50 };
      const key = randomUUID();
      const results = await Promise.all(
        gateways.flatMap((counters) =>
          Array.from({ length: 100 }, () => counters.take({ charges: [charge(key, rate)], places: [] })),
        ),
      );
      const count = results.filter(({ charges: [one] }) => one?.admitted).length;
      // A token is refilled every 72 seconds.
      expect(count).toBeGreaterThanOrEqual(50);
      expect(count).toBeLessThanOrEqual(51);
    },
  );

  test.each(RATE_ALGORITHMS)('units are returned to a %s that is above its limit', async (algorithm) => {
    const counters = new RedisCounters(await working());
    const rate: Rate = { algorithm, limit: 10, seconds: 2_000_000, burst: 10 };
    const key = randomUUID();
    const granted = await counters.take({ charges: [charge(key, rate, { needed: 10, amount: 10 })], places: [] });
    granted.settle([{ key, rate, amount: 5 }], []);
    granted.settle([{ key, rate, amount: -8 }], []);
    const { charges } = await counters.take({ charges: [charge(key, rate, { needed: 0, amount: 0 })], places: [] });
    expect(charges[0]?.remaining).toBe(3);
  });

  test('a token bucket with many units in a millisecond counts each of them', async () => {
    const clock = { now: () => 1_790_000_000_000 };
    const namespace = `tributary:test:${randomUUID()}`;
    const counters = new RedisCounters(atTimeOf(await working(), clock.now), { namespace, script: TAKE_AT_SCRIPT });
    const rate: Rate = { algorithm: 'token-bucket', limit: 100_000_000, seconds: 1, burst: 1_000 };
    const results: (number | undefined)[] = [];
    for (let n = 0; n < 3; n += 1)
      results.push((await counters.take({ charges: [charge('k', rate)], places: [] })).charges[0]?.remaining);
    expect(results).toEqual([999, 998, 997]);
  });

  test('values that no counter has written are replaced', async () => {
    const redis = await working();
    const counters = new RedisCounters(redis, { namespace: `tributary:test:${randomUUID()}` });
    const rate: Rate = { algorithm: 'fixed-window', limit: 2, seconds: 60, burst: 2 };
    const namespace = `tributary:test:${randomUUID()}`;
    const own = new RedisCounters(redis, { namespace });
    const key = `${namespace}:fixed-window:2/60s+2:k`;
    for (const write of [
      () => redis.client.set(key, 'nonsense:nan:-1'),
      () => redis.client.lPush(key, 'a list'),
      () => redis.client.set(key, 'x'.repeat(10_000)),
    ]) {
      await redis.client.del(key);
      await write();
      const { charges } = await own.take({ charges: [charge('k', rate)], places: [] });
      expect(charges[0]).toMatchObject({ admitted: true, remaining: 1 });
    }
    expect((await counters.take({ charges: [charge('k', rate)], places: [] })).charges[0]?.admitted).toBe(true);
  });

  test('a request is one call to Redis, however many limits it has', async () => {
    const redis = await working();
    const calls: string[] = [];
    const counting: ScriptRunner = {
      client: {
        eval: (script, call) => {
          calls.push('eval');
          return redis.client.eval(script, call);
        },
        evalSha: (sha, call) => {
          calls.push('evalSha');
          return redis.client.evalSha(sha, call);
        },
      },
      guarded: (call) => redis.guarded(call),
    };
    const counters = new RedisCounters(counting);
    const rate: Rate = { algorithm: 'sliding-window', limit: 5, seconds: 60, burst: 5 };
    const charges = Array.from({ length: 30 }, () => charge(randomUUID(), rate));
    await counters.take({ charges, places: [] });
    calls.length = 0;
    await counters.take({ charges, places: [] });
    expect(calls).toEqual(['evalSha']);
  });

  test('a caller makes at most 1,000 keys in Redis for the values that it chooses, however many it sends', async () => {
    const redis = await working();
    const namespace = `tributary:test:${randomUUID()}`;
    const counters = new RedisCounters(redis, { namespace });
    const file = { rules: [{ name: 'r', key: ['client'], rates: ['5/1m'] }] };
    const rules = new RuleSet(readLimits(JSON.stringify(file)).limits ?? NO_LIMITS, manualClock());
    let admitted = 0;
    for (let n = 0; n < 1_100; n += 1) {
      const facts = { principal: ANONYMOUS, address: '192.0.2.1', client: `c${n}`, route: null, operation: null };
      const demand = rules.demandOf(facts, { ms: 0, next: () => '' });
      const { charges } = await counters.take(demand);
      if (!charges.every((one) => one.admitted)) continue;
      rules.admitted(demand);
      admitted += 1;
    }
    expect(admitted).toBe(1_000);
    // One more counts the values.
    expect(await redis.client.keys(`${namespace}:*`)).toHaveLength(1_001);
  });
});

const BROKEN: Counters = { take: () => Promise.reject(new Error('Redis is gone.')) };

test.each([
  ['local', [true, true, false]],
  ['open', [true, true, true]],
  ['closed', [false, false, false]],
] as const)('without the store, a rule with %s admits %j of three requests', async (onStoreFailure, expected) => {
  const reports: boolean[] = [];
  const counters = new SurvivingCounters(BROKEN, new MemoryCounters({ clock: manualClock() }), {
    replicas: 3,
    report: (isAvailable) => reports.push(isAvailable),
  });
  const rate: Rate = { algorithm: 'fixed-window', limit: 6, seconds: 60, burst: 6 };
  const admitted: (boolean | undefined)[] = [];
  for (let n = 0; n < 3; n += 1) {
    const { charges } = await counters.take({ charges: [charge('k', rate, { onStoreFailure })], places: [] });
    admitted.push(charges[0]?.admitted);
  }
  expect(admitted).toEqual(expected);
  expect(reports).toEqual([false]);
});

test('without the store, each rule of one request has its own effect, and its results keep their places', async () => {
  const counters = new SurvivingCounters(BROKEN, new MemoryCounters({ clock: manualClock() }));
  const rate: Rate = { algorithm: 'fixed-window', limit: 1, seconds: 60, burst: 1 };
  const demand = {
    charges: [...STORE_FAILURES]
      .reverse()
      .map((onStoreFailure) =>
        charge(onStoreFailure, rate, { onStoreFailure, isEnforced: onStoreFailure !== 'closed' }),
      ),
    places: [],
  };
  const first = await counters.take(demand);
  expect(first.charges.map(({ admitted, isUncounted = false }) => [admitted, isUncounted])).toEqual([
    [false, true],
    [true, false],
    [true, false],
  ]);
  const second = await counters.take(demand);
  expect(second.charges.map(({ admitted }) => admitted)).toEqual([false, true, false]);
});
