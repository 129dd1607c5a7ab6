import { inspect } from 'node:util';
import { Metadata, status } from '@grpc/grpc-js';
import { defineBackend, errorFormats, grpc, rest, UpstreamError } from 'tributary/backend';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { grpcClient } from '../../src/backend/bind/grpc-client.ts';
import { systemClock } from '../../src/core/clock.ts';
import { encodedDetails } from '../../src/testing/scripted-error.ts';
import { endpointAt } from '../../src/upstream/endpoints/endpoint.ts';
import type { UpstreamEvent } from '../../src/upstream/events.ts';
import { connectUpstream, type UpstreamSettings } from '../../src/upstream/upstream.ts';
import { rawBackend } from '../support/backends/raw-backend.ts';
import { startGateway } from '../support/gateway/gateway.ts';
import { inventoryMethod, inventoryServer } from '../support/grpc/grpc-server.ts';
import { typeDefs } from '../support/modules/small-modules.ts';
import { restCall } from '../support/upstream/calls.ts';
import { failureOf } from '../support/upstream/rest-transport.ts';

interface Written {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A backend that answers every request with this response, and counts them. */
const refusing = async ({ status, headers = {}, body = '' }: Written) => {
  const counted = { requests: 0 };
  const backend = await rawBackend((_, response) => {
    counted.requests += 1;
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  });
  onTestFinished(() => backend[Symbol.asyncDispose]());
  return { url: backend.url, counted };
};

type RestSettings = Extract<UpstreamSettings, { readonly protocol: 'rest' }>;

const connected = (url: string, settings: Partial<RestSettings> = {}) => {
  const events: UpstreamEvent[] = [];
  const upstream = connectUpstream(
    {
      name: 'shop.things',
      protocol: 'rest',
      sources: [{ by: 'address', endpoint: endpointAt(url) }],
      check: { by: 'connecting' },
      traffic: { timeoutMs: 100_000, retry: { baseMs: 0, maxMs: 0 } },
      ...settings,
    },
    { clock: systemClock, connectTimeoutMs: 100_000, report: (event) => events.push(event) },
  );
  onTestFinished(() => upstream.close());
  const refused = () => failureOf(upstream.send(restCall({ deadline: systemClock.now() + 100_000 })));
  return { upstream, events, refused };
};

const OUT = '{"error":{"code":"secret-out","id":12345678901234567890}}';

test('a resolver reads the status, headers and body of an error response', async () => {
  const { url } = await refusing({ status: 409, headers: { 'x-reason': 'stock' }, body: OUT });
  const { response } = await connected(url).refused();
  expect(response).toMatchObject({
    status: 409,
    headers: { 'x-reason': 'stock' },
    body: { error: { code: 'secret-out', id: '12345678901234567890' } },
  });
});

test.each<[string, string, unknown]>([
  ['a text', 'plain secret', 'plain secret'],
  ['an empty body', '', undefined],
  ['65,536 bytes', 'x'.repeat(65_536), 'x'.repeat(65_536)],
  ['65,537 bytes', 'x'.repeat(65_537), undefined],
])('the body of an error response with %s is kept up to 64 KiB', async (_what, body, kept) => {
  const { url } = await refusing({ status: 400, body });
  expect((await connected(url).refused()).response?.body).toBe(kept);
});

test('nothing of an error response is shown by inspect, JSON, the stack or events', async () => {
  const { url } = await refusing({ status: 400, headers: { 'x-secret': 'secret' }, body: '{"a":"secret"}' });
  const { refused, events } = connected(url);
  const error = await refused();
  const shown = [inspect(error, { depth: 9 }), JSON.stringify(error), error.stack, JSON.stringify(events)].join('\n');
  expect(shown).not.toContain('secret');
  expect(Object.keys(error)).not.toContain('response');
});

test('without errors, nothing of an error response reaches a client except its code', async () => {
  const { url } = await refusing({ status: 400, body: '{"message":"secret"}' });
  await using gateway = await startGateway({ SHOP_THINGS_ENDPOINTS: url }, [shop({})]);
  const { text, errors } = await gateway.query('{ thing }');
  expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
  expect(text).not.toContain('secret');
});

const shop = (options: Parameters<typeof rest>[0]) =>
  defineBackend()({
    name: 'shop',
    typeDefs: typeDefs('type Query { thing: String caught: String }'),
    upstreams: { things: rest(options) },
    resolvers: {
      Query: {
        thing: (_root, _args, { clients }) => clients.things.get('/thing', { response: z.string() }),
        caught: async (_root, _args, { clients }) => {
          try {
            return await clients.things.get('/thing', { response: z.string() });
          } catch (error) {
            if (error instanceof UpstreamError) return JSON.stringify(error.response?.body);
            throw error;
          }
        },
      },
    },
  });

test('code, message and details of errors reach the client, and a caught response the resolver', async () => {
  const { url } = await refusing({ status: 422, body: '{"reason":"too-late"}' });
  const module = shop({
    errors: ({ status, body, route, code }) => ({
      code: 'CONFLICT',
      message: 'The order has left.',
      details: { status, body, route, code },
    }),
  });
  await using gateway = await startGateway({ SHOP_THINGS_ENDPOINTS: url }, [module]);
  const { data, errors } = await gateway.query('{ thing caught }');
  expect(data).toEqual({ thing: null, caught: '{"reason":"too-late"}' });
  expect(errors).toMatchObject([
    {
      message: 'The order has left.',
      path: ['thing'],
      extensions: {
        code: 'CONFLICT',
        details: { status: 422, body: { reason: 'too-late' }, route: 'GET /thing', code: 'BAD_USER_INPUT' },
      },
    },
  ]);
});

test('an answer that errors maps to NOT_FOUND makes the field null', async () => {
  const { url } = await refusing({ status: 400, body: '{"error":"no such thing"}' });
  await using gateway = await startGateway({ SHOP_THINGS_ENDPOINTS: url }, [
    shop({ errors: () => ({ code: 'NOT_FOUND' }) }),
  ]);
  const { data, errors } = await gateway.query('{ thing }');
  expect({ data, errors }).toEqual({ data: { thing: null }, errors: [] });
});

test.each<[number, RestSettings['errors'], number, boolean]>([
  [503, undefined, 3, true],
  [503, () => ({ code: 'NOT_FOUND' }), 1, false],
  [404, () => ({ code: 'SERVICE_UNAVAILABLE' }), 3, true],
  [400, () => ({ code: 'RATE_LIMITED' }), 3, true],
  [409, () => ({ code: 'CONFLICT' }), 1, false],
  [400, () => ({ code: 'UPSTREAM_ERROR' }), 1, true],
  [503, () => ({ message: 'Later.' }), 3, true],
])(
  'retries and circuits use the code of errors, which decides once an attempt: %d',
  async (status, errors, attempts, failed) => {
    const { url, counted } = await refusing({ status });
    let decided = 0;
    const counting: RestSettings['errors'] =
      errors &&
      ((response) => {
        decided += 1;
        return errors(response);
      });
    const { refused, events } = connected(url, { errors: counting });
    await refused();
    expect(counted.requests).toBe(attempts);
    if (errors !== undefined) expect(decided).toBe(attempts);
    const outcomes = events.flatMap((event) => (event.is === 'attempt' ? [event.failed] : []));
    expect(outcomes).toEqual(Array.from({ length: attempts }, () => failed));
  },
);

test('a fault of errors is an event, and the usual error is used', async () => {
  const { url } = await refusing({ status: 404, body: '{"a":"secret"}' });
  const { refused, events } = connected(url, {
    errors: ({ body }) => {
      throw new Error(JSON.stringify(body));
    },
  });
  expect([(await refused()).code, (await refused()).code]).toEqual(['NOT_FOUND', 'NOT_FOUND']);
  expect(events.filter(({ is }) => is === 'mapping')).toEqual([
    { is: 'mapping', route: 'GET /things/{id}', fault: 'it throws' },
  ]);
});

test('a 403 of a used-up quota is RATE_LIMITED with its wait, and pauses the endpoint', async () => {
  const reset = String(Math.ceil(Date.now() / 1_000) + 60);
  const { url, counted } = await refusing({
    status: 403,
    headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset },
  });
  const { refused, events } = connected(url, {
    errorCodes: { 403: 'UPSTREAM_ERROR' },
    traffic: { timeoutMs: 100_000, retry: false },
  });
  const error = await refused();
  expect(error).toMatchObject({ code: 'RATE_LIMITED', status: 403 });
  expect(error.retryAfterMs).toBeGreaterThan(50_000);
  expect(error.details).toEqual({ retryAfter: Math.ceil((error.retryAfterMs ?? 0) / 1_000) });
  expect(events.filter(({ is }) => is === 'denied')).toEqual([]);
  await refused();
  expect(counted.requests).toBe(1);
});

test('a 403 with a Retry-After is RATE_LIMITED with its wait; with an invalid one it refuses the gateway', async () => {
  const limited = await refusing({ status: 403, headers: { 'retry-after': '7' } });
  const error = await connected(limited.url, { traffic: { timeoutMs: 100_000, retry: false } }).refused();
  expect(error).toMatchObject({ code: 'RATE_LIMITED', status: 403, details: { retryAfter: 7 } });
  const other = await refusing({ status: 403, headers: { 'retry-after': 'soon' } });
  expect((await connected(other.url).refused()).code).not.toBe('RATE_LIMITED');
});

test('a 429 with rate limit headers pauses for their wait; Retry-After takes precedence', async () => {
  const headers = { ratelimit: '"default";r=0;t=30' };
  const plain = await refusing({ status: 429, headers });
  expect((await connected(plain.url).refused()).retryAfterMs).toBe(30_000);
  const both = await refusing({ status: 429, headers: { ...headers, 'retry-after': '2' } });
  expect((await connected(both.url).refused()).retryAfterMs).toBe(2_000);
});

const DETAILS = [
  { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'NO_STOCK', domain: 'shop', metadata: { sku: 'p1' } },
  {
    '@type': 'type.googleapis.com/google.rpc.BadRequest',
    fieldViolations: [{ field: 'quantity', description: 'too many', reason: 'MAX' }],
  },
  { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ subject: 'user', description: 'a day' }] },
  {
    '@type': 'type.googleapis.com/google.rpc.PreconditionFailure',
    violations: [{ type: 'TOS', subject: 'shop', description: 'not accepted' }],
  },
  { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1.25s' },
  {
    '@type': 'type.googleapis.com/google.rpc.ResourceInfo',
    resourceType: 'product',
    resourceName: 'p1',
    owner: 'ann',
    description: 'gone',
  },
  { '@type': 'type.googleapis.com/google.rpc.Help', links: [{ description: 'docs', url: 'https://shop.example' }] },
  { '@type': 'type.googleapis.com/google.rpc.LocalizedMessage', locale: 'de', message: 'Ausverkauft.' },
];

/** The error of a call to gRPC's own server for Node, which refuses it with DETAILS. */
const grpcRefusing = async (settings: Partial<Extract<UpstreamSettings, { readonly protocol: 'grpc' }>>) => {
  const server = await inventoryServer({
    Reserve: (_call: unknown, callback: (error: object) => void) => {
      const metadata = new Metadata();
      metadata.set('grpc-status-details-bin', Buffer.from(encodedDetails(DETAILS), 'base64'));
      callback({ code: status.FAILED_PRECONDITION, details: 'secret', metadata });
    },
  });
  onTestFinished(() => server.stop());
  const upstream = connectUpstream(
    {
      name: 'inventory.stock',
      protocol: 'grpc',
      sources: [{ by: 'address', endpoint: server.endpoint }],
      check: { by: 'connecting' },
      traffic: { timeoutMs: 100_000 },
      ...settings,
    },
    { clock: systemClock, connectTimeoutMs: 100_000 },
  );
  onTestFinished(() => upstream.close());
  const client = grpcClient(
    [inventoryMethod('reserve')],
    { ...restCall({ deadline: systemClock.now() + 100_000 }), keyScope: () => () => '', trace: null } as never,
    upstream.send,
  );
  return failureOf(Promise.resolve(client.reserve?.({ productId: 'p1', quantity: 1 }) as Promise<unknown>));
};

test('a gRPC response has its message and every known detail, decoded', async () => {
  const { response } = await grpcRefusing({});
  expect(response).toMatchObject({ status: 'FAILED_PRECONDITION', body: { message: 'secret', details: DETAILS } });
});

test('errors of a gRPC upstream decides by the details', async () => {
  const error = await grpcRefusing({
    errors: ({ status, body, code }) => {
      const info = body.details.find((detail) => detail['@type'] === 'type.googleapis.com/google.rpc.ErrorInfo');
      return { code: 'BAD_USER_INPUT', details: { status, code, sku: info?.metadata.sku } };
    },
  });
  expect(error).toMatchObject({
    code: 'BAD_USER_INPUT',
    details: { status: 'FAILED_PRECONDITION', code: 'CONFLICT', sku: 'p1' },
  });
  expect(inspect(error, { depth: 9 })).not.toContain('Ausverkauft');
});

test('a preset fits both protocols', () => {
  const google = errorFormats.google({ messages: true });
  expect(rest({ errors: google }).errors).toBe(google);
  expect(grpc({ proto: './a.proto', service: 'a.A', errors: google }).errors).toBe(google);
});
