import { type handleUnaryCall, Metadata, type sendUnaryData, status } from '@grpc/grpc-js';
import { defineBackend, grpc, rest } from 'tributary/backend';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { rawBackend } from '../support/backends/raw-backend.ts';
import { startGateway } from '../support/gateway/gateway.ts';
import { LIBRARY, LIBRARY_PROTO, libraryServer } from '../support/modules/library.ts';
import { typeDefs } from '../support/modules/small-modules.ts';

type RestOptions = Parameters<typeof rest>[0];

const shop = (options: RestOptions) =>
  defineBackend()({
    name: 'shop',
    typeDefs: typeDefs('type Query { thing: String }'),
    upstreams: { things: rest(options) },
    resolvers: {
      Query: { thing: (_root, _args, { clients }) => clients.things.get('/thing', { response: z.string() }) },
    },
  });

/** Values of a header that two backends receive of one read: the first one rejects it with these headers. */
const restAttempts = async (
  header: string,
  options: RestOptions = {},
  rejection: Readonly<Record<string, string>> = {},
) => {
  const received: unknown[] = [];
  const answering = async (code: number, headers: Readonly<Record<string, string>>) => {
    const backend = await rawBackend((request, response) => {
      received.push(request.headers[header] ?? null);
      response.writeHead(code, { 'content-type': 'application/json', ...headers }).end('"a"');
    });
    onTestFinished(() => backend[Symbol.asyncDispose]());
    return backend.url;
  };
  const endpoints = `${await answering(503, rejection)};priority=0,${await answering(200, {})};priority=1`;
  await using gateway = await startGateway({ SHOP_THINGS_ENDPOINTS: endpoints }, [shop(options)]);
  const { data } = await gateway.query('{ thing }');
  return { received, data };
};

test('each attempt over REST has its number, and a retry has the next one', async () => {
  const { received, data } = await restAttempts('x-envoy-attempt-count');
  expect([received, data]).toEqual([['1', '2'], { thing: 'a' }]);
});

test('the header of the attempt has another name, or is absent', async () => {
  expect((await restAttempts('x-retry-attempt', { attemptHeader: 'X-Retry-Attempt' })).received).toEqual(['1', '2']);
  const off = await restAttempts('x-envoy-attempt-count', { attemptHeader: false });
  expect(off.received).toEqual([null, null]);
});

test.each([
  [{ 'x-do-not-retry': '1' }, 1],
  [{ 'X-Do-Not-Retry': 'true' }, 1],
  [{ 'x-should-retry': 'false' }, 1],
  [{ 'Stripe-Should-Retry': 'false' }, 1],
  [{ 'x-do-not-retry': 'false' }, 2],
  [{ 'x-should-retry': 'true' }, 2],
])('a rejection with %j is the end after %i attempts', async (rejection, attempts) => {
  const { received, data } = await restAttempts('x-envoy-attempt-count', {}, rejection);
  expect(received).toHaveLength(attempts);
  expect(data).toEqual({ thing: attempts === 1 ? null : 'a' });
});

const library = () =>
  // biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
  defineBackend<any>()({
    name: 'library',
    typeDefs: { text: 'type Query { title: String }', file: import.meta.filename },
    upstreams: { books: grpc({ proto: LIBRARY_PROTO, service: LIBRARY, reads: ['GetBook'] }) },
    resolvers: {
      Query: {
        // biome-ignore-start lint/suspicious/noExplicitAny: see above
        title: async (_root: any, _args: any, { clients }: any) =>
          (await clients.books.getBook({ name: 'books/1' })).displayTitle,
        // biome-ignore-end lint/suspicious/noExplicitAny: see above
      },
    },
    // biome-ignore lint/suspicious/noExplicitAny: see above
  } as any);

/** As `restAttempts`, with two servers of grpc-js and this pushback of the first one. */
const grpcAttempts = async (pushback: string | null) => {
  const received: unknown[] = [];
  const answering = async (reply: (callback: sendUnaryData<unknown>) => void) => {
    const server = await libraryServer({
      GetBook: ((call, callback) => {
        received.push(call.metadata.get('grpc-previous-rpc-attempts'));
        reply(callback);
      }) satisfies handleUnaryCall<unknown, unknown>,
    });
    onTestFinished(() => server.stop());
    return `grpc://127.0.0.1:${server.port}`;
  };
  const trailers = new Metadata();
  if (pushback !== null) trailers.set('grpc-retry-pushback-ms', pushback);
  const rejecting = await answering((reply) => reply({ code: status.UNAVAILABLE, metadata: trailers }));
  const accepting = await answering((reply) => reply(null, { display_title: 'Solaris' }));
  const endpoints = `${rejecting};priority=0,${accepting};priority=1`;
  await using gateway = await startGateway({ LIBRARY_BOOKS_ENDPOINTS: endpoints }, [library()]);
  const { data } = await gateway.query('{ title }');
  return { received, data };
};

test('a retry over gRPC has the number of attempts before it, the first attempt has none', async () => {
  const { received, data } = await grpcAttempts(null);
  expect([received, data]).toEqual([[[], ['1']], { title: 'Solaris' }]);
});

test.each([
  ['-1', 1],
  ['soon', 1],
  ['0', 2],
])('a pushback of %s is the end after %i attempts', async (pushback, attempts) => {
  const { received } = await grpcAttempts(pushback);
  expect(received).toHaveLength(attempts);
});
