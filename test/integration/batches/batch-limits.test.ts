import { describe, expect, test } from 'vitest';
import { readRequestRules } from '../../../src/config/network/request-rules.ts';
import { metRules } from '../../../src/http/client/met-rules.ts';
import type { Counters } from '../../../src/rate-limit/counters/counters.ts';
import { MemoryCounters } from '../../../src/rate-limit/counters/memory-counters.ts';
import { clientRule } from '../../../src/rate-limit/rules/client-rule.ts';
import { readLimits } from '../../../src/rate-limit/rules/read-limits.ts';
import { RuleSet } from '../../../src/rate-limit/rules/rule-set.ts';
import { manualClock } from '../../support/clock/manual-clock.ts';
import {
  type BatchGatewayOptions,
  batchGateway,
  codesOf,
  entriesOf,
  sendBody,
} from '../../support/gateway/batch-gateway.ts';
import { ruledGateway, times } from '../../support/gateway/ruled-gateway.ts';

/** A gateway with rules of `LIMITS`, and a quota of the client. */
const limitedGateway = (rules: readonly object[], options: BatchGatewayOptions & { readonly client?: number } = {}) => {
  const { client, ...rest } = options;
  const { limits, problems } = readLimits(JSON.stringify({ rules }));
  if (limits === null) throw new Error(problems.join('\n'));
  const own = client === undefined ? [] : [clientRule({ limit: client, seconds: 60 })];
  const set = new RuleSet({ ...limits, rules: [...own, ...limits.rules] });
  const counters = new MemoryCounters({ clock: manualClock() });
  return batchGateway({ ...rest, requestLimits: { rules: () => set, counters, guesses: null } });
};

const remainingIn = (headers: Headers, policy: string): number =>
  Number(new RegExp(`"${policy}";r=(\\d+)`).exec(headers.get('ratelimit') ?? '')?.[1]);

const hello = (count: number) => entriesOf(...times(count, '{ hello }'));

describe.each([[true], [false]])('direct edge: %s', (directEdge) => {
  test('each operation counts for the limit of the client, and the header has what is left after all', async () => {
    const { send } = await limitedGateway([], { directEdge, client: 5 });
    const first = await send(hello(3));
    expect([first.status, codesOf(first).flat(), remainingIn(first.headers, 'client')]).toEqual([200, [], 2]);
    const second = await send(hello(4));
    expect([second.status, codesOf(second), remainingIn(second.headers, 'client')]).toEqual([
      200,
      [[], [], ['RATE_LIMITED'], ['RATE_LIMITED']],
      0,
    ]);
    const third = await send(hello(1));
    expect([third.status, third.body.errors[0].extensions.code]).toEqual([429, 'RATE_LIMITED']);
  });

  test('each operation is counted with one call to the store, and none of a caller that is known to be above a limit', async () => {
    let calls = 0;
    const own = new MemoryCounters({ clock: manualClock() });
    const counters: Counters = {
      take: (demand) => {
        calls += 1;
        return own.take(demand);
      },
    };
    const gateway = await ruledGateway({ client: 4, counters, directEdge, maxBatchOperations: 10 });
    const codes = codesOf(await sendBody(gateway.origin, entriesOf(...times(10, '{ other }'))));
    expect(codes.filter(([code]) => code === 'RATE_LIMITED')).toHaveLength(6);
    expect(calls).toBe(5);
    await sendBody(gateway.origin, entriesOf(...times(10, '{ other }')));
    expect(calls).toBe(5);
  });

  test('a rule about an operation counts each of its operations in a batch', async () => {
    const rule = { name: 'greet', when: { operation: ['Hello'] }, rates: ['3/1m'] };
    const { send } = await limitedGateway([rule], { directEdge });
    const query = 'query Hello { hello }';
    const first = await send(entriesOf(query, '{ hello }', query));
    expect([codesOf(first).flat(), remainingIn(first.headers, 'greet')]).toEqual([[], 1]);
    const second = await send(entriesOf(query, '{ hello }', query, query));
    expect([second.status, codesOf(second)]).toEqual([200, [[], [], ['RATE_LIMITED'], ['RATE_LIMITED']]]);
    const third = await send(entriesOf(query, query));
    expect([third.status, codesOf(third)]).toEqual([429, [['RATE_LIMITED'], ['RATE_LIMITED']]]);
    expect(Number(third.headers.get('retry-after'))).toBe(third.body[1].errors[0].extensions.details.retryAfter);
    expect(remainingIn(third.headers, 'greet')).toBe(0);
  });

  test('an operation that cannot be read counts as one of a request of its own', async () => {
    const rules = [
      { name: 'all', rates: ['3/1m'] },
      { name: 'reads', when: { kind: ['query'] }, rates: ['100/1m'] },
    ];
    const { send } = await limitedGateway(rules, { directEdge });
    const { status, body } = await send(entriesOf('{', '{ unknown }', '{', '{ hello }'));
    const codes = codesOf({ body } as Parameters<typeof codesOf>[0]).flat();
    expect([status, codes.filter((code) => code === 'RATE_LIMITED')]).toEqual([200, ['RATE_LIMITED']]);
    expect((await send(hello(1))).status).toBe(429);
  });

  test('each operation is charged for its own cost, and gets its own refund', async () => {
    const rule = { name: 'budget', count: 'cost', rates: ['100/1h'] };
    const gateway = await ruledGateway({ rules: [rule], directEdge, maxBatchOperations: 10 });
    const send = (queries: readonly string[]) => sendBody(gateway.origin, entriesOf(...queries));
    const items = (first: number) => `{ items(first: ${first}) { n } }`;
    // Each reserves 42 and costs 4.
    const both = await send([items(40), items(40)]);
    expect([both.status, codesOf(both).flat(), remainingIn(both.headers, 'budget')]).toEqual([200, [], 16]);
    const after = await send([items(10)]);
    expect(remainingIn(after.headers, 'budget')).toBe(92 - 12);
    const large = await send([items(40), items(40), items(40)]);
    expect(codesOf(large)).toEqual([[], [], ['RATE_LIMITED']]);
    const never = await send([items(200), '{ other }']);
    expect([never.status, codesOf(never)]).toEqual([200, [['COST_LIMIT'], []]]);
  });

  test('MAX_COST is the limit of each operation', async () => {
    const report = () => {};
    const { send } = await batchGateway({ directEdge, costLimit: { max: 1, mode: 'enforce', report } });
    const costs = await send(entriesOf('{ hello }', '{ __schema { types { name } } }', '{ hello }'));
    expect(codesOf(costs).map((codes) => codes.length)).toEqual([0, 1, 0]);
    const shown = await send(entriesOf('{ hello }', '{ hello me }'), { 'tributary-cost': 'show' });
    expect(shown.body.map(({ extensions }: { extensions: unknown }) => extensions)).toEqual([
      { cost: { static: 1, actual: 1 } },
      { cost: { static: 1, actual: 1 } },
    ]);
  });

  test('a place of a rule is taken by each operation, and is free again after the response', async () => {
    const rule = { name: 'slow', when: { operation: ['Slow'] }, concurrent: 2 };
    const { send, waiting } = await limitedGateway([rule], { directEdge });
    const slow = times(3, 'query Slow { slow }');
    for (let round = 1; round <= 2; round += 1) {
      const sending = send(entriesOf(...slow));
      await expect.poll(() => waiting.length).toBe(2 * round);
      for (const { release } of waiting) release();
      expect(codesOf(await sending)).toEqual([[], [], ['RATE_LIMITED']]);
    }
  });

  test('with a store that answers later, a batch uses what is left of a limit, and returns its places', async () => {
    const own = new MemoryCounters({ clock: manualClock() });
    const counters: Counters = {
      take: async (demand) => {
        await new Promise((resolve) => setImmediate(resolve));
        return own.take(demand);
      },
    };
    const rule = { name: 'other', when: { operation: ['Other'] }, concurrent: 2 };
    const gateway = await ruledGateway({ rules: [rule], client: 8, counters, directEdge, maxBatchOperations: 10 });
    const send = async (count: number) =>
      codesOf(await sendBody(gateway.origin, entriesOf(...times(count, 'query Other { other }')))).flat();
    // A refused operation takes nothing of the limit of the client.
    for (let round = 0; round < 3; round += 1) expect(await send(3)).toEqual(['RATE_LIMITED']);
    expect(await send(4)).toEqual(['RATE_LIMITED', 'RATE_LIMITED']);
    expect((await sendBody(gateway.origin, entriesOf('{ other }'))).status).toBe(429);
  });

  test('each refused operation counts as a refusal: a batch hides none', async () => {
    const rule = { name: 'ban', key: ['address'], count: 'refusals', rates: ['4/10m;algorithm=fixed-window'] };
    const { send } = await limitedGateway([rule], { directEdge });
    expect((await send(entriesOf('{ unknown }', '{ hello }', '{ unknown }', '{'))).status).toBe(200);
    expect((await send(hello(1))).status).toBe(200);
    expect((await send(entriesOf('{ hello }', '{ unknown }'))).status).toBe(200);
    await expect.poll(async () => (await send(hello(2))).status).toBe(429);
  });

  test('a rule of requests denies the operations that meet it, and executes the others', async () => {
    const { rules } = readRequestRules(
      JSON.stringify({ rules: [{ name: 'no-adding', when: { operation: ['Add'] }, action: 'deny' }] }),
    );
    const met = metRules(rules ?? []);
    const { send, access } = await batchGateway({ directEdge, listener: { listener: { requestRules: () => met } } });
    const add = 'mutation Add { add }';
    const { status, body } = await send(entriesOf(add, '{ count }', add));
    expect([status, body[1], body[2].errors[0].extensions.code]).toEqual([200, { data: { count: 0 } }, 'FORBIDDEN']);
    const denied = await send(entriesOf(add, add));
    expect([denied.status, codesOf(denied)]).toEqual([403, [['FORBIDDEN'], ['FORBIDDEN']]]);
    await expect.poll(() => access.length).toBe(2);
    expect(access.map(({ rules: named }) => named)).toEqual(
      times(2, '').map(() => times(2, '').map(() => ({ name: 'no-adding', action: 'deny' }))),
    );
  });

  test('attempts at a field with a limit are counted in a batch as in several requests', async () => {
    const { send } = await batchGateway({ directEdge });
    const attempts = (count: number) =>
      Array.from({ length: count }, (_, n) => ({ query: `mutation { login(password: "${n}") }` }));
    const first = await send(attempts(8));
    expect(codesOf(first).flat()).toEqual(['RATE_LIMITED', 'RATE_LIMITED', 'RATE_LIMITED']);
    expect(remainingIn(first.headers, 'Mutation.login')).toBe(0);
    expect(codesOf(await send(attempts(2))).flat()).toEqual(['RATE_LIMITED', 'RATE_LIMITED']);
  });

  test('of the limits of fields, the header has the one with the least left in any operation', async () => {
    const { send } = await batchGateway({ directEdge });
    const { headers } = await send(entriesOf('{ wide }', '{ guarded }', '{ wide }', '{ hello }'));
    expect(headers.get('ratelimit')).toMatch(/^"Query.guarded";r=2;t=\d+$/);
    expect(headers.get('ratelimit-policy')).toBe('"Query.guarded";q=3;w=60');
  });

  test('users of different batches do not use up the limits of each other', async () => {
    const rule = { name: 'own', when: { kind: ['query'] }, rates: ['2/1m'] };
    const { send } = await limitedGateway([rule], { directEdge });
    for (const user of ['u1', 'u2'])
      expect(codesOf(await send(hello(3), { authorization: `Bearer ${user}` }))).toEqual([[], [], ['RATE_LIMITED']]);
  });
});
