import { expect, test, vi } from 'vitest';
import { BACKEND_NAMES, type BackendName } from '../../services-mock/start.ts';
import { manualClock } from '../support/clock/manual-clock.ts';
import { expectedOrders, expectWhole, expectWithout, orderPageDocument } from '../support/gateway/expected-page.ts';
import { startShop } from '../support/gateway/gateway.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';

interface Misbehaviour {
  readonly fault: Readonly<Record<string, unknown>>;
  /** Code of each missing field; null if none is missing. */
  readonly code: Readonly<Record<'rest' | 'grpc', string | null>>;
  /** Attempts of each read, on an upstream with one endpoint. */
  readonly attempts: Readonly<Record<'rest' | 'grpc', number>>;
  /** True if the backend leaves the call without a response, which then reaches its timeout. Default false. */
  readonly hangs?: boolean;
  /** Attempts that may come in addition: the connection of a health check is lost with one if it was idle. Default 0. */
  readonly loses?: number;
}

/** Timeout of attempts on a backend that hangs, in milliseconds. Those of the other backends last longer. */
const TIMEOUT_MS = 1_000;
const OTHER_TIMEOUT_MS = 150_000;

const timeoutsWith = (backend: BackendName) => ({
  ...Object.fromEntries(BACKEND_NAMES.map((name) => [name, OTHER_TIMEOUT_MS])),
  [backend]: TIMEOUT_MS,
});

const both = <Value>(value: Value) => ({ rest: value, grpc: value });

const MISBEHAVIOURS: Readonly<Record<string, Misbehaviour>> = {
  'is slow, within its limit': { fault: { kind: 'latency', ms: 300 }, code: both(null), attempts: both(1) },
  // A timeout is not retried on the only endpoint, which did not answer.
  hangs: { fault: { kind: 'hang' }, code: both('TIMEOUT'), attempts: both(1), hangs: true },
  // A gRPC stream that the server resets has the status INTERNAL, which is not retried.
  'resets before its headers': {
    fault: { kind: 'reset-before-headers' },
    code: both('UPSTREAM_ERROR'),
    attempts: { rest: 3, grpc: 1 },
    loses: 1,
  },
  'resets after its headers': {
    fault: { kind: 'reset-after-headers' },
    code: both('UPSTREAM_ERROR'),
    attempts: { rest: 3, grpc: 1 },
  },
  // A truncated REST body closes its connection; a truncated gRPC message arrives with status OK.
  'sends a truncated response': {
    fault: { kind: 'truncated-body' },
    code: { rest: 'UPSTREAM_ERROR', grpc: 'UPSTREAM_BAD_RESPONSE' },
    attempts: both(3),
  },
  'sends garbage': { fault: { kind: 'garbage' }, code: both('UPSTREAM_BAD_RESPONSE'), attempts: both(3) },
};

interface Refusal {
  /** HTTP status for the REST backends, gRPC status for inventory. */
  readonly rest: number;
  readonly grpc: string;
  readonly code: string;
  readonly attempts: number;
}

const REFUSALS: Readonly<Record<string, Refusal>> = {
  'has an internal error': { rest: 500, grpc: 'INTERNAL', code: 'UPSTREAM_ERROR', attempts: 1 },
  'is unavailable': { rest: 503, grpc: 'UNAVAILABLE', code: 'SERVICE_UNAVAILABLE', attempts: 3 },
  'is over its rate limit': { rest: 429, grpc: 'RESOURCE_EXHAUSTED', code: 'RATE_LIMITED', attempts: 3 },
  'rejects the gateway’s credentials': { rest: 401, grpc: 'UNAUTHENTICATED', code: 'UPSTREAM_ERROR', attempts: 1 },
  'forbids the gateway the call': { rest: 403, grpc: 'PERMISSION_DENIED', code: 'UPSTREAM_ERROR', attempts: 1 },
};

const protocolOf = (backend: BackendName) => (backend === 'inventory' ? 'grpc' : 'rest');

/** Requests the page while one backend misbehaves, and expects the data of all other backends. */
const expectPageWithout = async (
  backend: BackendName,
  fault: Readonly<Record<string, unknown>>,
  code: string | null,
  attempts: number,
  { loses = 0, hangs = false }: Pick<Misbehaviour, 'loses' | 'hangs'> = {},
): Promise<void> => {
  const clock = manualClock();
  await using shop = await startShop(hangs ? { clock, timeoutsMs: timeoutsWith(backend) } : {});
  await shop.setFaults(backend, { route: '*', ...fault });
  const page = expectedOrders(20);
  const answered = shop.query(orderPageDocument(20));
  if (hangs) {
    await vi.waitFor(async () => expect((await shop.calls())[backend]).toHaveLength(1), LONG_WAIT);
    clock.advance(TIMEOUT_MS);
  }
  const answer = await answered;
  if (code === null) expectWhole(answer, page);
  else expectWithout(backend, code, answer, page);
  // No backend gets more attempts than expected, and none gets an unnecessary call.
  const calls = await shop.calls();
  const isAsked = (name: BackendName) => backend !== 'orders' || code === null || name === 'orders';
  const expected = (name: BackendName) => {
    if (name === backend) return Math.min(Math.max(calls[name].length, attempts), attempts + loses);
    return isAsked(name) ? 1 : 0;
  };
  expect(BACKEND_NAMES.map((name) => [name, calls[name].length])).toEqual(
    BACKEND_NAMES.map((name) => [name, expected(name)]),
  );
};

for (const backend of BACKEND_NAMES) {
  for (const [what, { fault, code, attempts, ...more }] of Object.entries(MISBEHAVIOURS))
    test.concurrent(`${backend} ${what}: ${code[protocolOf(backend)] ?? 'nothing is missing'}`, () =>
      expectPageWithout(backend, fault, code[protocolOf(backend)], attempts[protocolOf(backend)], more));

  for (const [what, refusal] of Object.entries(REFUSALS))
    test.concurrent(`${backend} ${what}: ${refusal.code}`, () =>
      expectPageWithout(
        backend,
        { kind: 'status', status: refusal[protocolOf(backend)] },
        refusal.code,
        refusal.attempts,
      ));
}

test('a backend that resets once is retried, and the page is complete', async () => {
  await using shop = await startShop();
  await shop.setFaults('catalog', { route: '*', kind: 'reset-before-headers', times: 1 });
  expectWhole(await shop.query(orderPageDocument(20)), expectedOrders(20));
  expect((await shop.calls()).catalog).toHaveLength(2);
});
