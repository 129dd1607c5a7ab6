import type { ServerDuplexStream, ServerReadableStream, sendUnaryData } from '@grpc/grpc-js';
import { defineBackend, grpc } from 'tributary/backend';
import type { GrpcOptions } from '../../../src/backend/define/upstream-options.ts';
import { startGateway } from '../gateway/gateway.ts';
import type { RunningServer } from '../grpc/grpc-server.ts';
import { LIBRARY, LIBRARY_PROTO } from './library.ts';

export interface Chat {
  readonly text: string;
}

export interface Clients {
  readonly books: {
    returnBooks(messages: unknown): Promise<{ readonly count: number }>;
    chat(messages: unknown): AsyncIterable<Chat>;
  };
}

/** A module with one field, which runs `resolve`. */
const moduleOf = (resolve: (clients: Clients) => Promise<unknown>, options: Partial<GrpcOptions<string>>) =>
  // biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
  defineBackend<any>()({
    name: 'library',
    typeDefs: { text: 'type Query { run: JSON }', file: import.meta.filename },
    upstreams: {
      books: grpc({
        proto: LIBRARY_PROTO,
        service: LIBRARY,
        timeoutMs: 50,
        reads: ['ReturnBooks', 'Get*', 'List*'],
        ...options,
      }),
    },
    resolvers: {
      Query: { run: (_root: unknown, _args: unknown, { clients }: { clients: Clients }) => resolve(clients) },
    },
    // biome-ignore lint/suspicious/noExplicitAny: see above
  } as any);

/** A gateway whose field `run` runs `resolve`; the endpoints have descending priority. */
export const gatewayTo = (
  ports: readonly number[],
  resolve: (clients: Clients) => Promise<unknown>,
  env: Readonly<Record<string, string>> = {},
  options: Partial<GrpcOptions<string>> = {},
) =>
  startGateway(
    {
      ...env,
      LIBRARY_BOOKS_ENDPOINTS: ports.map((port, index) => `grpc://127.0.0.1:${port};priority=${index}`).join(),
    },
    [moduleOf(resolve, options)],
  );

export const runAt = async (
  server: Pick<RunningServer, 'port'>,
  resolve: (clients: Clients) => Promise<unknown>,
  env: Readonly<Record<string, string>> = {},
) => {
  await using gateway = await gatewayTo([server.port], resolve, env);
  const { data, errors } = await gateway.query('{ run }');
  return {
    run: (data as { readonly run?: unknown } | null)?.run,
    codes: errors.map(({ extensions }: { extensions: { code: string } }) => extensions.code),
  };
};

export type Upload = (call: ServerReadableStream<Chat, unknown>, reply: sendUnaryData<unknown>) => void;
export type Duplex = (call: ServerDuplexStream<Chat, Chat>) => void;

/** Counts all messages, then answers. */
export const countAll: Upload = (call, reply) => {
  let count = 0;
  call.on('data', () => {
    count += 1;
  });
  call.on('end', () => reply(null, { count }));
};

/** Messages, with what happened to their iteration. */
export const watched = (messages: (taken: () => void) => AsyncGenerator<unknown>) => {
  const seen = { taken: 0, isEnded: false };
  const take = () => {
    seen.taken += 1;
  };
  const all = async function* () {
    try {
      yield* messages(take);
    } finally {
      seen.isEnded = true;
    }
  };
  return { seen, messages: all() };
};

export const books = (count: number) =>
  watched(async function* (take) {
    for (let index = 0; index < count; index += 1) {
      take();
      yield { name: `books/${index}` };
    }
  });

export const endless = (size = 10) =>
  watched(async function* (take) {
    for (;;) {
      take();
      yield { text: 'x'.repeat(size), name: 'x'.repeat(size) };
    }
  });
