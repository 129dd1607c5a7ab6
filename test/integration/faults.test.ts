import { expect, test } from 'vitest';
import { BACKEND_NAMES, type BackendName } from '../../services-mock/start.ts';
import { expectedOrders, expectWhole, expectWithout, orderPageDocument } from '../support/expected-page.ts';
import { startShop } from '../support/gateway.ts';

interface Misbehaviour {
  readonly fault: Readonly<Record<string, unknown>>;
  /** The code of each field that is missing; null where nothing is. */
  readonly code: Readonly<Record<'rest' | 'grpc', string | null>>;
}

const both = (code: string | null) => ({ rest: code, grpc: code });

const MISBEHAVIOURS: Readonly<Record<string, Misbehaviour>> = {
  'is slow, within its limit': { fault: { kind: 'latency', ms: 300 }, code: both(null) },
  'is slower than its limit': { fault: { kind: 'latency', ms: 20_000 }, code: both('TIMEOUT') },
  hangs: { fault: { kind: 'hang' }, code: both('TIMEOUT') },
  'resets before its headers': { fault: { kind: 'reset-before-headers' }, code: both('UPSTREAM_ERROR') },
  'resets after its headers': { fault: { kind: 'reset-after-headers' }, code: both('UPSTREAM_ERROR') },
  // A REST body that is cut ends its connection; gRPC's says OK and is too short.
  'sends half an answer': {
    fault: { kind: 'truncated-body' },
    code: { rest: 'UPSTREAM_ERROR', grpc: 'UPSTREAM_BAD_RESPONSE' },
  },
  'sends garbage': { fault: { kind: 'garbage' }, code: both('UPSTREAM_BAD_RESPONSE') },
};

interface Refusal {
  /** HTTP status of the REST backends, gRPC status of inventory. */
  readonly rest: number;
  readonly grpc: string;
  readonly code: string;
}

const REFUSALS: Readonly<Record<string, Refusal>> = {
  'fails inside': { rest: 500, grpc: 'INTERNAL', code: 'UPSTREAM_ERROR' },
  'is unavailable': { rest: 503, grpc: 'UNAVAILABLE', code: 'SERVICE_UNAVAILABLE' },
  'wants no more': { rest: 429, grpc: 'RESOURCE_EXHAUSTED', code: 'RATE_LIMITED' },
  'does not know who asks': { rest: 401, grpc: 'UNAUTHENTICATED', code: 'UNAUTHENTICATED' },
  'forbids it': { rest: 403, grpc: 'PERMISSION_DENIED', code: 'FORBIDDEN' },
};

const protocolOf = (backend: BackendName) => (backend === 'inventory' ? 'grpc' : 'rest');

/** Asks for the page while one backend misbehaves, and expects all that the others know. */
const expectPageWithout = async (
  backend: BackendName,
  fault: Readonly<Record<string, unknown>>,
  code: string | null,
): Promise<void> => {
  await using shop = await startShop();
  await shop.setFaults(backend, { route: '*', ...fault });
  const page = expectedOrders(20);
  const answer = await shop.query(orderPageDocument(20));
  if (code === null) expectWhole(answer, page);
  else expectWithout(backend, code, answer, page);
  // Nothing is tried twice, and nobody is asked who need not be.
  const calls = await shop.calls();
  const asked = backend === 'orders' && code !== null ? ['orders'] : [...BACKEND_NAMES];
  expect(BACKEND_NAMES.filter((name) => calls[name].length === 1)).toEqual(asked);
};

for (const backend of BACKEND_NAMES) {
  for (const [what, { fault, code }] of Object.entries(MISBEHAVIOURS))
    test.concurrent(`${backend} ${what}: ${code[protocolOf(backend)] ?? 'nothing is missing'}`, () =>
      expectPageWithout(backend, fault, code[protocolOf(backend)]));

  for (const [what, refusal] of Object.entries(REFUSALS))
    test.concurrent(`${backend} ${what}: ${refusal.code}`, () =>
      expectPageWithout(backend, { kind: 'status', status: refusal[protocolOf(backend)] }, refusal.code));
}

test('a backend that broke is asked again by the next request', async () => {
  await using shop = await startShop();
  await shop.setFaults('catalog', { route: '*', kind: 'reset-before-headers', times: 1 });
  expect((await shop.query(orderPageDocument(20))).errors).not.toEqual([]);
  expectWhole(await shop.query(orderPageDocument(20)), expectedOrders(20));
});
