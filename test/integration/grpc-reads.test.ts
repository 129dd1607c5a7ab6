import { type handleUnaryCall, status } from '@grpc/grpc-js';
import { defineBackend, grpc } from 'tributary/backend';
import { expect, test } from 'vitest';
import { startGateway } from '../support/gateway/gateway.ts';
import type { RunningServer } from '../support/grpc/grpc-server.ts';
import { LIBRARY, LIBRARY_PROTO, libraryServer } from '../support/modules/library.ts';

const library = (reads: readonly string[]) =>
  // biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
  defineBackend<any>()({
    name: 'library',
    typeDefs: { text: 'type Query { title: String same: String }', file: import.meta.filename },
    upstreams: { books: grpc({ proto: LIBRARY_PROTO, service: LIBRARY, reads }) },
    resolvers: {
      Query: {
        // biome-ignore-start lint/suspicious/noExplicitAny: see above
        title: async (_root: any, _args: any, { clients }: any) =>
          (await clients.books.getBook({ name: 'books/1' })).displayTitle,
        same: async (_root: any, _args: any, { clients }: any) =>
          (await clients.books.getBook({ name: 'books/1' })).displayTitle,
        // biome-ignore-end lint/suspicious/noExplicitAny: see above
      },
    },
    // biome-ignore lint/suspicious/noExplicitAny: see above
  } as any);

const gatewayTo = (servers: readonly RunningServer[], reads: readonly string[]) =>
  startGateway(
    { LIBRARY_BOOKS_ENDPOINTS: servers.map(({ port }, index) => `grpc://127.0.0.1:${port};priority=${index}`).join() },
    [library(reads)],
  );

type Unary = handleUnaryCall<unknown, unknown>;

/** The handler, and the calls that it received. */
const counted = (handler: Unary) => {
  const calls: unknown[] = [];
  const GetBook: Unary = (call, reply) => {
    calls.push(call);
    handler(call, reply);
  };
  return { calls, GetBook };
};

const unavailable: Unary = (_call, reply) => reply({ code: status.UNAVAILABLE, details: 'restarting' });
const book: Unary = (_call, reply) => reply(null, { display_title: 'Solaris' });

test.each([
  [['Get*'], { title: 'Solaris' }, [1, 1]],
  [['GetBook'], { title: 'Solaris' }, [1, 1]],
  [['List*'], { title: null }, [1, 0]],
])('with reads: %j a failed GetBook is retried elsewhere only if it is declared a read', async (reads, data, calls) => {
  const [first, second] = [counted(unavailable), counted(book)];
  await using refusing = await libraryServer({ GetBook: first.GetBook });
  await using spare = await libraryServer({ GetBook: second.GetBook });
  await using gateway = await gatewayTo([refusing, spare], reads);
  expect((await gateway.query('{ title }')).data).toEqual(data);
  expect([first.calls.length, second.calls.length]).toEqual(calls);
});

test.each([
  [['GetBook'], 1],
  [[], 2],
])('with reads: %j two identical calls in flight are %i calls', async (reads, calls) => {
  const { GetBook, calls: received } = counted(book);
  await using server = await libraryServer({ GetBook });
  await using gateway = await gatewayTo([server], reads);
  expect((await gateway.query('{ title same }')).data).toEqual({ title: 'Solaris', same: 'Solaris' });
  expect(received).toHaveLength(calls);
});
