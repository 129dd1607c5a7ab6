import type { ServerResponse } from 'node:http';
import { defineBackend, pass, rest } from 'tributary/backend';
import { describe, expect, test } from 'vitest';
import { MemoryCounters } from '../../src/rate-limit/counters/memory-counters.ts';
import { readLimits } from '../../src/rate-limit/rules/read-limits.ts';
import { NO_LIMITS } from '../../src/rate-limit/rules/rule.ts';
import { RuleSet } from '../../src/rate-limit/rules/rule-set.ts';
import { routedGateway } from '../support/gateway/routed-gateway.ts';
import { ruledGateway, times } from '../support/gateway/ruled-gateway.ts';
import { typeDefs } from '../support/modules/small-modules.ts';

const jobs = defineBackend()({
  name: 'jobs',
  typeDefs: typeDefs('type Query { jobs: Int }'),
  upstreams: { own: rest({ forward: { headers: ['x-request-priority'] } }), other: rest() },
  routes: {
    'GET /jobs': pass('own'),
    'GET /others': pass('other', { requestHeaders: { allow: ['x-request-priority'] } }),
  },
  resolvers: { Query: { jobs: () => 1 } },
});

describe.each([[true], [false]])('direct edge: %s', (directEdge) => {
  test.each([
    ['the name of the client', { client: ['batch'] }, { 'apollographql-client-name': 'batch' }],
    ['the operation', { operation: ['Batch'] }, {}],
    ['the caller', { subject: ['robot'] }, { authorization: 'Bearer robot' }],
  ])('under load, requests that are sheddable by %s are 503 at once, and others are not', async (_, when, headers) => {
    let delay = 0;
    const file = { priorities: [{ priority: 'sheddable', when }] };
    const { runQuery, statusesOf, calls } = await ruledGateway({
      file,
      directEdge,
      eventLoop: () => ({ delayMs: delay }),
    });
    const batch = times(3, 'query Batch { search }');
    expect(await statusesOf(batch, { headers })).toEqual([200, 200, 200]);
    delay = 100;
    expect(await statusesOf(batch, { headers })).toEqual([503, 503, 503]);
    expect(await statusesOf(times(3, 'query Shop { search }'))).toEqual([200, 200, 200]);
    expect(calls).toHaveLength(6);
    const { body, headers: sent } = await runQuery('query Batch { search }', { headers });
    expect([sent.get('retry-after'), body.errors[0].extensions.code]).toEqual(['1', 'OVERLOADED']);
    delay = 0;
    expect(await statusesOf(batch, { headers })).toEqual([200, 200, 200]);
  });

  test('from its utilization of the event loop on, a growing share of a priority is refused', async () => {
    let utilization = 0.5;
    const file = {
      priorities: [{ priority: 'sheddable', when: { operation: ['Batch'] } }],
      overload: { utilization: { sheddable: 0.5 } },
    };
    const { statusesOf } = await ruledGateway({ file, directEdge, eventLoop: () => ({ utilization }) });
    const batch = times(4, 'query Batch { search }');
    expect(await statusesOf(batch)).toEqual([200, 200, 200, 200]);
    utilization = 0.75;
    expect(await statusesOf(batch)).toEqual([200, 503, 200, 503]);
    utilization = 1;
    expect(await statusesOf(batch)).toEqual([503, 503, 503, 503]);
    expect(await statusesOf(['{ search }'])).toEqual([200]);
  });

  test('a priority of a trusted proxy decides and reaches backends; that of a client does neither', async () => {
    const file = {
      priorityHeader: 'x-request-priority',
      priorities: [{ priority: 'critical', when: { operation: ['Pay'] } }],
    };
    const { runQuery, priorities } = await ruledGateway({ file, directEdge, eventLoop: () => ({ delayMs: 1_000 }) });
    const ask = async (query: string, headers: Record<string, string>) => (await runQuery(query, { headers })).status;
    const proxied = { 'x-forwarded-for': '192.0.2.7' };
    expect(await ask('{ search }', { ...proxied, 'x-request-priority': 'sheddable' })).toBe(503);
    expect(await ask('{ search }', { ...proxied, 'x-request-priority': 'critical' })).toBe(200);
    expect(await ask('{ search }', { 'x-request-priority': 'sheddable' })).toBe(200);
    expect(await ask('query Pay { search }', { 'x-request-priority': 'sheddable' })).toBe(200);
    expect(priorities).toEqual(['critical', 'default', 'critical']);
  });

  test('a field makes an operation critical only if nothing else is at its root', async () => {
    const file = {
      priorities: [{ priority: 'critical', when: { field: ['Mutation.change'] } }],
      overload: { delayMs: { default: 10 } },
    };
    const { statusesOf } = await ruledGateway({ file, directEdge, eventLoop: () => ({ delayMs: 1_000 }) });
    const raised = 'mutation { change @skip(if: true) begin { query { other } } }';
    expect(await statusesOf(['mutation { change }', raised, '{ other }'])).toEqual([200, 503, 503]);
  });

  test('backends of routes receive the priority of the request, and never that of a client', async () => {
    const file = {
      priorityHeader: 'x-request-priority',
      priorities: [{ priority: 'sheddable', when: { route: ['/jobs'] } }],
    };
    const rules = new RuleSet(readLimits(JSON.stringify(file)).limits ?? NO_LIMITS);
    const limits = {
      rules: () => rules,
      counters: new MemoryCounters(),
      guesses: null,
      eventLoop: () => ({ delayMs: 0, utilization: 0 }),
    };
    const options = { listener: { limits, directEdge } };
    await using gateway = await routedGateway([jobs], (_, response) => void response.end('{}'), options);
    for (const path of ['/jobs', '/others'])
      await fetch(gateway.origin + path, { headers: { 'x-request-priority': 'critical' } });
    expect(gateway.received.map(({ headers }) => headers['x-request-priority'])).toEqual(['sheddable', 'default']);
  });

  test('a response that is streamed is in flight until its head is sent, and no longer', async () => {
    const file = { overload: { inFlight: { default: 1 } } };
    const rules = new RuleSet(readLimits(JSON.stringify(file)).limits ?? NO_LIMITS);
    const limits = {
      ...{ rules: () => rules, counters: new MemoryCounters(), guesses: null },
      eventLoop: () => ({ delayMs: 0, utilization: 0 }),
    };
    const begin: (() => void)[] = [];
    const arrived = Promise.withResolvers<void>();
    const backend = (_: unknown, response: ServerResponse): void => {
      begin.push(() => void response.write('{'));
      arrived.resolve();
    };
    await using gateway = await routedGateway([jobs], backend, { listener: { limits, directEdge } });
    const first = fetch(`${gateway.origin}/jobs`);
    await arrived.promise;
    expect((await fetch(`${gateway.origin}/jobs`)).status).toBe(503);
    begin[0]?.();
    const { status, body } = await first;
    expect(status).toBe(200);
    const second = fetch(`${gateway.origin}/jobs`);
    await expect.poll(() => begin.length).toBe(2);
    begin[1]?.();
    const { status: other, body: otherBody } = await second;
    expect(other).toBe(200);
    await Promise.all([body?.cancel(), otherBody?.cancel()]);
  });
});
