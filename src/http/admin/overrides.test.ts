import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { systemClock } from '../../core/clock.ts';
import type { AuditEvent } from '../../telemetry/audit/audit-event.ts';
import { Overrides } from '../../upstream/operations/overrides.ts';
import { createAdminListener } from './admin-listener.ts';

const Answer = z.looseObject({ errors: z.array(z.looseObject({ message: z.string() })).optional() });
const STOCK = 'inventory.stock';
const A = 'grpc://a:1';

const admin = async (token: string | null = 'secret') => {
  const clock = manualClock();
  const overrides = new Overrides(clock);
  const logged: unknown[] = [];
  const audited: AuditEvent[] = [];
  const addresses = [A];
  const app = createAdminListener({
    clock: systemClock,
    log: { warn: (message, fields) => void logged.push([message, fields]), error: () => {} },
    audit: { record: (event) => void audited.push(event) },
    readiness: () => true,
    health: async () => ({ upstreams: {} }),
    overrides: {
      list: () => overrides.list(),
      replace: (all) => overrides.replace(all),
      upstreams: () => [STOCK],
      mayInjectFaults: true,
      protocolOf: (upstream) => (upstream === STOCK ? 'grpc' : null),
      subsetsOf: (upstream) => (upstream === STOCK ? ['v1', 'v2'] : []),
      endpointsOf: (upstream) => (upstream === STOCK ? addresses : null),
    },
    token,
  });
  const url = new URL('/overrides', await app.listen({ port: 0, host: '127.0.0.1' }));
  onTestFinished(async () => {
    app.server.closeAllConnections();
    await app.close();
  });
  const get = async (): Promise<unknown> => (await fetch(url)).json();
  const put = async (payload: unknown, authorization = 'Bearer secret') => {
    const headers = { authorization, 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'PUT', headers, body: JSON.stringify(payload) });
    return { status: answer.status, body: Answer.parse(await answer.json()) };
  };
  return { url, addresses, get, clock, put, logged, audited, active: overrides.activeFor(STOCK) };
};

const drain = { upstream: STOCK, endpoint: A, drain: true, reason: 'rolls back', expiresInMs: 60_000 };

test('an override takes effect, is listed, is logged with its reason, and expires on time', async () => {
  const { get, clock, put, logged, active } = await admin();
  const answer = await put({ overrides: [drain] });
  expect([answer.status, answer.body]).toEqual([200, { overrides: [drain] }]);
  expect(active.drained(A)).toBe(true);
  expect(logged).toEqual([['Override set.', drain]]);
  clock.advance(59_000);
  expect(await get()).toEqual({ overrides: [{ ...drain, expiresInMs: 1_000 }] });
  clock.advance(1_000);
  expect(active.drained(A)).toBe(false);
  expect(await get()).toEqual({ overrides: [] });
});

test('an empty list removes every override', async () => {
  const { put, active, logged } = await admin();
  await put({ overrides: [drain] });
  expect((await put({ overrides: [] })).status).toBe(200);
  expect(active.drained(A)).toBe(false);
  const { expiresInMs: _, ...decided } = drain;
  expect(logged.slice(1)).toEqual([['Override removed.', decided]]);
  await put({ overrides: [] });
  expect(logged).toHaveLength(2);
});

test('the listed overrides can be sent back, even for an address that has left DNS', async () => {
  const { put, get, clock, addresses } = await admin();
  await put({ overrides: [drain] });
  addresses.pop();
  clock.advance(59_500);
  const { status } = await put(await get());
  expect(status).toBe(200);
  expect(await get()).toEqual({ overrides: [{ ...drain, expiresInMs: 500 }] });
});

test('405 carries Allow with the supported methods', async () => {
  const { url } = await admin();
  const answer = await fetch(url, { method: 'DELETE' });
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, PUT']);
});

test.each([
  ['no token', undefined, '', 401, 'UNAUTHENTICATED'],
  ['another token', undefined, 'Bearer guess', 401, 'UNAUTHENTICATED'],
  ['a token where none is configured', null, 'Bearer secret', 403, 'FORBIDDEN'],
] as const)('%s allows reading and no writing', async (_title, token, authorization, status, code) => {
  const { get, put, active } = await admin(token);
  const answer = await put({ overrides: [drain] }, authorization);
  expect([answer.status, active.drained(A)]).toEqual([status, false]);
  const message = expect.stringContaining('ADMIN_TOKEN');
  expect(answer.body.errors).toMatchObject([{ message, extensions: { code } }]);
  expect(await get()).toEqual({ overrides: [] });
});

test.each([
  [{ ...drain, upstream: 'inventory.stok' }, 'unknown upstream "inventory.stok" (known: inventory.stock)'],
  [{ ...drain, endpoint: 'grpc://b:1' }, 'unknown endpoint "grpc://b:1" of inventory.stock (known: grpc://a:1)'],
  [{ ...drain, endpoint: undefined }, 'drain requires endpoint'],
  [{ ...drain, reason: ' ' }, 'overrides.1.reason: must not be empty'],
  [{ ...drain, expiresInMs: 86_400_001 }, 'overrides.1.expiresInMs'],
  [{ ...drain, drain: undefined }, 'must contain one of drain, '],
  [{ ...drain, timeoutMs: 5 }, 'only drain and circuit apply to one endpoint'],
  [{ ...drain, forever: true }, 'forever'],
  [{ ...drain, endpoint: undefined, drain: undefined, weights: { v1: 0 } }, 'use weights of at least 0'],
  [
    { ...drain, endpoint: undefined, drain: undefined, weights: { v3: 1 } },
    'weights: unknown subset "v3" (known: v1, v2)',
  ],
  [
    { ...drain, endpoint: undefined, drain: undefined, routes: [{ to: 'v3' }] },
    'routes.0.to: unknown subset "v3" (known: v1, v2)',
  ],
  [{ ...drain, endpoint: undefined, drain: undefined, routes: [{ when: {}, to: 'v1' }] }, 'add a condition'],
  [{ ...drain, endpoint: undefined, drain: undefined, faults: [{ share: 0.1 }] }, 'add delayMs, abort or both'],
  [
    { ...drain, endpoint: undefined, drain: undefined, faults: [{ share: 0.1, abort: 503 }] },
    'has names of gRPC statuses',
  ],
  [{ ...drain, reason: 'another' }, 'repeats an action'],
])('a list with an invalid entry changes nothing: %j', async (wrong, message) => {
  const { put, active } = await admin();
  const answer = await put({ overrides: [drain, wrong] });
  expect(answer.status).toBe(400);
  expect(answer.body.errors?.[0]?.message).toContain(message);
  expect(active.drained(A)).toBe(false);
});

test('the message lists the problems of all entries', async () => {
  const { put } = await admin();
  const answer = await put({
    overrides: [
      { ...drain, reason: ' ' },
      { ...drain, upstream: 'inventory.stok' },
    ],
  });
  const message = answer.body.errors?.[0]?.message ?? '';
  expect(message.split('; ').map((problem: string) => problem.split(': ')[0])).toEqual([
    'overrides.0.reason',
    'overrides.1.upstream',
  ]);
});

test('one entry may contain several actions', async () => {
  const { put, active } = await admin();
  await put({
    overrides: [
      {
        upstream: STOCK,
        timeoutMs: 50,
        retries: false,
        hedging: false,
        circuit: 'closed',
        reason: 'x',
        expiresInMs: 9_000,
      },
    ],
  });
  expect([active.timeoutMs(), active.retries(), active.hedging(), active.circuit(A)]).toEqual([
    50,
    false,
    false,
    'closed',
  ]);
});

test('the audit log has each change with its reason, and each refused write', async () => {
  const { put, audited } = await admin();
  await put({ overrides: [drain] });
  await put({ overrides: [drain] }, 'Bearer canary-of-a-token');
  await put({ overrides: [] });
  await put({ overrides: [{ ...drain, upstream: 'absent.absent' }] });
  const common = { clientAddress: '127.0.0.1', requestId: expect.any(String) };
  const operator = { actor: { kind: 'operator' }, outcome: 'success', ...common };
  const { expiresInMs: _, ...removed } = drain;
  expect(audited).toEqual([
    { event: 'override.set', target: drain, ...operator },
    {
      event: 'credential.refused',
      actor: { kind: 'anonymous' },
      outcome: 'refused',
      target: { credential: 'authorization', method: 'PUT', path: '/overrides' },
      reason: 'Missing or invalid token.',
      ...common,
    },
    { event: 'override.removed', target: removed, ...operator },
  ]);
  const closed = await admin(null);
  await closed.put({ overrides: [] });
  expect(closed.audited).toMatchObject([{ event: 'access.refused', outcome: 'refused', target: { method: 'PUT' } }]);
});
