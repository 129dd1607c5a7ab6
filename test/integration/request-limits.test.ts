import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import type { Counters, Demand } from '../../src/rate-limit/counters/counters.ts';
import { MemoryCounters } from '../../src/rate-limit/counters/memory-counters.ts';
import { RedisCounters, type ScriptRunner } from '../../src/rate-limit/counters/redis-counters.ts';
import { SurvivingCounters } from '../../src/rate-limit/counters/surviving-counters.ts';
import { redisUrl } from '../support/backends/redis.ts';
import { redisConnection } from '../support/backends/redis-connection.ts';
import { manualClock } from '../support/clock/manual-clock.ts';
import { ruledGateway, times } from '../support/gateway/ruled-gateway.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';

describe.each([[true], [false]])('direct edge: %s', (directEdge) => {
  test('a rule about an operation refuses it with 429, before any fetch, and leaves others alone', async () => {
    const rule = { name: 'search', when: { operation: ['Search'] }, rates: ['2/1m'] };
    const { statusesOf, calls, runQuery, logged } = await ruledGateway({ rules: [rule], directEdge });
    expect(await statusesOf(times(4, 'query Search { search }'))).toEqual([200, 200, 429, 429]);
    expect(logged).toEqual([]);
    expect(calls).toHaveLength(2);
    expect(await statusesOf(times(3, 'query Other { search }'))).toEqual([200, 200, 200]);
    const { body, headers } = await runQuery('query Search { search }');
    expect(body.data).toBeUndefined();
    expect(body.errors).toEqual([
      {
        message: 'Too many requests. Try again later.',
        extensions: {
          code: 'RATE_LIMITED',
          details: { retryAfter: expect.any(Number) },
          requestId: expect.any(String),
        },
      },
    ]);
    expect(Number(headers.get('retry-after'))).toBe(body.errors[0].extensions.details.retryAfter);
    expect(headers.get('ratelimit')).toMatch(/^"search";r=0;t=\d+$/);
    expect(headers.get('ratelimit-policy')).toBe('"search";q=2;w=60');
  });

  test('a rule about a field counts its selections, also behind fragments and aliases', async () => {
    const rule = { name: 'field', when: { field: ['Query.search'] }, count: 'fields', rates: ['3/1m'] };
    const { statusesOf, calls } = await ruledGateway({ rules: [rule], directEdge });
    const twice = 'query { ...f b: search(text: "b") } fragment f on Query { a: search(text: "a") }';
    expect(await statusesOf([twice, twice, '{ search }', '{ search }', '{ other }'])).toEqual([
      200, 429, 200, 429, 200,
    ]);
    expect(calls.length).toBeLessThanOrEqual(3);
  });

  test('a field exempts an operation only if nothing else is at its root: any client can add one', async () => {
    const rule = { name: 'most', unless: { field: ['Query.other'] }, rates: ['1/1m'] };
    const { statusesOf } = await ruledGateway({ rules: [rule], directEdge });
    expect(await statusesOf(times(3, '{ other a: other }'))).toEqual([200, 200, 200]);
    expect(await statusesOf(['{ search other }', '{ search other @skip(if: true) }'])).toEqual([200, 429]);
  });

  test('a budget of costs is reserved before the execution, and gets back what the response did not cost', async () => {
    const rule = { name: 'budget', count: 'cost', rates: ['100/1h'] };
    const { statusesOf, runQuery, calls } = await ruledGateway({ rules: [rule], directEdge });
    const items = (first: number) => `{ items(first: ${first}) { n } }`;
    // Each reserves 92 and costs 4: without the refund only one would be admitted.
    expect(await statusesOf(times(3, items(90)))).toEqual([200, 200, 200]);
    const { status, body } = await runQuery(items(200));
    expect([status, body.errors[0].extensions.code]).toEqual([400, 'COST_LIMIT']);
    expect(await statusesOf([items(90), items(80)])).toEqual([429, 200]);
    expect(calls).toEqual([]);
  });

  test('each value of an argument has its own limit', async () => {
    const rule = { name: 'text', when: { field: ['Query.search'] }, key: ['argument:search.text'], rates: ['1/1m'] };
    const { statusesOf, runQuery } = await ruledGateway({ rules: [rule], directEdge });
    expect(await statusesOf(['{ search(text: "a") }', '{ search(text: "b") }', '{ search(text: "a") }'])).toEqual([
      200, 200, 429,
    ]);
    const variables = { text: 'b' };
    expect((await runQuery('query ($text: String) { search(text: $text) }', { variables })).status).toBe(429);
    expect((await runQuery('mutation { begin { query { search(text: "a") } } }')).status).toBe(429);
    const several = await runQuery('{ c: search(text: "c") d: search(text: "d") }');
    expect(several.headers.get('ratelimit')).toMatch(/^"text";r=0;t=\d+$/);
    expect(several.headers.get('ratelimit-policy')).toBe('"text";q=1;w=60');
  });

  test('users do not use up the limits of each other', async () => {
    const rule = { name: 'own', when: { kind: ['query'] }, rates: ['1/1m'] };
    const { statusesOf } = await ruledGateway({ rules: [rule], directEdge });
    const as = (subject: string) => ({ headers: { authorization: `Bearer ${subject}` } });
    expect(await statusesOf(times(2, '{ other }'), as('u1'))).toEqual([200, 429]);
    expect(await statusesOf(times(2, '{ other }'), as('u2'))).toEqual([200, 429]);
    expect(await statusesOf(times(2, '{ other }'))).toEqual([200, 429]);
  });

  test('a request that is no operation counts for the rules that need none, and is refused for them', async () => {
    const rules = [
      { name: 'all', rates: ['3/1m'] },
      { name: 'reads', when: { kind: ['query'] }, rates: ['100/1m'] },
    ];
    const { statusesOf } = await ruledGateway({ rules, directEdge });
    expect(await statusesOf(['{ unknown }', '{', '{ other }', '{ unknown }', '{ other }'])).toEqual([
      400, 400, 200, 429, 429,
    ]);
  });

  test('a measured rule refuses nothing, and does not appear in headers', async () => {
    const rule = { name: 'tried', when: { kind: ['query'] }, rates: ['1/1m'], mode: 'measure' };
    const { runQuery, statusesOf } = await ruledGateway({ rules: [rule], directEdge });
    expect(await statusesOf(times(3, '{ other }'))).toEqual([200, 200, 200]);
    expect((await runQuery('{ other }')).headers.get('ratelimit')).toBeNull();
  });

  test('the message, the legacy headers and hidden headers are those of the file', async () => {
    const rules = [
      { name: 'told', rates: ['1/1m'], message: 'Upgrade your plan.' },
      { name: 'hidden', rates: ['100/1h'], headers: false },
    ];
    const file = { headers: { standard: true, legacy: true } };
    const { runQuery } = await ruledGateway({ rules, file, directEdge });
    const first = await runQuery('{ other }');
    expect(first.headers.get('ratelimit-policy')).toBe('"told";q=1;w=60');
    expect(first.headers.get('x-ratelimit-limit')).toBe('1');
    expect(first.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(Number(first.headers.get('x-ratelimit-reset'))).toBeGreaterThan(0);
    const second = await runQuery('{ other }');
    expect([second.status, second.body.errors[0].message]).toEqual([429, 'Upgrade your plan.']);
  });

  test('a bound of concurrent requests is free again after the response', async () => {
    const rule = { name: 'slow', when: { operation: ['Slow'] }, concurrent: 2 };
    const { runQuery, waiting } = await ruledGateway({ rules: [rule], directEdge });
    const slow = () => runQuery('query Slow { slow }');
    const running = [slow(), slow()];
    await vi.waitUntil(() => waiting.length === 2, LONG_WAIT);
    expect((await slow()).status).toBe(429);
    for (const release of waiting.splice(0)) release();
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200]);
    const again = slow();
    await vi.waitUntil(() => waiting.length === 1, LONG_WAIT);
    for (const release of waiting) release();
    expect((await again).status).toBe(200);
  });

  test('after repeated refusals every request of an address is refused', async () => {
    const rule = { name: 'ban', key: ['address'], count: 'refusals', rates: ['3/10m;algorithm=fixed-window'] };
    const { runQuery, statusesOf } = await ruledGateway({ rules: [rule], directEdge });
    expect(await statusesOf(['{ other }', '{ unknown }', '{', '{ other }', '{ unknown }'])).toEqual([
      200, 400, 400, 200, 400,
    ]);
    await vi.waitUntil(async () => (await runQuery('{ other }')).status === 429, LONG_WAIT);
    expect(await statusesOf(times(3, '{ other }'))).toEqual([429, 429, 429]);
  });

  test('refusals that a page of another site can cause do not ban its visitors', async () => {
    const rule = { name: 'ban', key: ['address'], count: 'refusals', rates: ['3/10m;algorithm=fixed-window'] };
    const ends: boolean[] = [];
    const own = new MemoryCounters({ clock: manualClock() });
    const counters: Counters = {
      take: (demand) => {
        if (demand.charges.some(({ needed }) => needed === 0)) ends.push(true);
        return own.take(demand);
      },
    };
    const { origin, statusesOf } = await ruledGateway({ rules: [rule], counters, directEdge });
    for (const init of [{}, {}, { method: 'POST' }, { method: 'POST' }, { headers: { accept: 'image/*, */*' } }])
      expect((await fetch(`${origin}/graphql?query={other}`, init)).status).toBe(400);
    expect(await statusesOf(['{ unknown }', '{ other }'])).toEqual([400, 200]);
    await vi.waitUntil(() => ends.length > 0, LONG_WAIT);
    expect(ends).toHaveLength(1);
  });

  test.each([
    ['local', [200, 429]],
    ['open', [200, 200]],
    ['closed', [503, 503]],
  ])('without its store, a rule with %s answers %j', async (onStoreFailure, expected) => {
    const broken: Counters = { take: () => Promise.reject(new Error('Redis is gone.')) };
    const counters = new SurvivingCounters(broken, new MemoryCounters({ clock: manualClock() }));
    const rule = { name: 'r', when: { kind: ['query'] }, rates: ['1/1m'], onStoreFailure };
    const { statusesOf, runQuery } = await ruledGateway({ rules: [rule], counters, directEdge });
    expect(await statusesOf(times(2, '{ other }'))).toEqual(expected);
    if (onStoreFailure !== 'closed') return;
    const { headers, body } = await runQuery('{ other }');
    expect([headers.get('retry-after'), body.errors[0].extensions.code]).toEqual(['1', 'OVERLOADED']);
  });

  test('without a rule about operations, a request above a limit is refused before its body is read', async () => {
    const { statusesOf, runQuery } = await ruledGateway({ client: 1, directEdge });
    expect(await statusesOf(['{ other }'])).toEqual([200]);
    const { status, body } = await runQuery('{');
    expect([status, body.errors[0].extensions.code]).toEqual([429, 'RATE_LIMITED']);
  });

  test('a caller that is known to be above a limit is refused without the counters', async () => {
    const own = new MemoryCounters({ clock: systemClock });
    const demands: Demand[] = [];
    const counters: Counters = {
      take: (demand) => {
        demands.push(demand);
        return own.take(demand);
      },
    };
    const rules = [{ name: 'reads', when: { kind: ['query'] }, rates: ['100/1h'] }];
    const { statusesOf, runQuery } = await ruledGateway({ rules, client: 1, counters, directEdge });
    expect(await statusesOf(times(5, '{ other }'))).toEqual([200, 429, 429, 429, 429]);
    expect(demands).toHaveLength(2);
    const { headers } = await runQuery('{ other }');
    expect(headers.get('ratelimit')).toMatch(/^"client";r=0;t=\d+$/);
  });
});

const url = await redisUrl();

describe.skipIf(url === null)(`with Redis (${url ?? 'neither REDIS_URL nor redis-server is there'})`, () => {
  /** Counters in Redis, with the number of calls to it. */
  const openCounters = async () => {
    const redis = await redisConnection(url ?? '');
    onTestFinished(() => redis.close());
    const calls: string[] = [];
    const counting: ScriptRunner = {
      client: {
        eval: (script, call) => redis.client.eval(script, call),
        evalSha: (sha, call) => {
          calls.push(sha);
          return redis.client.evalSha(sha, call);
        },
      },
      guarded: (call) => redis.guarded(call),
    };
    return { counters: new RedisCounters(counting, { namespace: `tributary:test:${namespace}` }), calls };
  };
  const namespace = randomUUID();

  test('a request is one round trip, however many rules it has', async () => {
    const { counters, calls } = await openCounters();
    const rules = [
      { name: 'minute', rates: ['100/1m', '1000/1h', '5000/1d'] },
      { name: 'search', when: { operation: ['Search'] }, rates: ['50/1m;burst=20'] },
      { name: 'field', when: { field: ['Query.search'] }, key: ['caller', 'field'], count: 'fields', rates: ['50/1m'] },
      { name: 'all', key: [], rates: ['10000/1s'] },
      { name: 'cost', count: 'cost', rates: ['1000/1m'] },
    ];
    const { statusesOf } = await ruledGateway({ rules, client: 1_000, counters });
    await statusesOf(['query Search { search }']);
    calls.length = 0;
    expect(await statusesOf(times(10, 'query Search { search }'))).toEqual(Array(10).fill(200));
    expect(calls).toHaveLength(10);
  });

  test('two gateways together admit the quota of an operation under concurrent load, to the request', async () => {
    const rule = { name: 'search', when: { operation: ['Search'] }, key: [], rates: ['40/1h;algorithm=fixed-window'] };
    const gateways = await Promise.all(
      [1, 2].map(async () => ruledGateway({ rules: [rule], counters: (await openCounters()).counters })),
    );
    const statuses = await Promise.all(
      gateways.flatMap(({ runQuery }) =>
        Array.from({ length: 60 }, async () => (await runQuery('query Search { search }')).status),
      ),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(40);
    expect(statuses.filter((status) => status === 429)).toHaveLength(80);
    expect(gateways.reduce((sum, { calls }) => sum + calls.length, 0)).toBe(40);
  });
});
