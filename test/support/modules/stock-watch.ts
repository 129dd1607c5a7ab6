import { fileURLToPath } from 'node:url';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { defineBackend, grpc } from 'tributary/backend';
import type { RunningServer } from '../grpc/grpc-server.ts';
import { endpointAt } from '../grpc/grpc-server.ts';
import { typeDefs } from './small-modules.ts';

export const WATCH_PROTO = fileURLToPath(new URL('./stock-watch.proto', import.meta.url));

export interface Level {
  readonly productId: string;
  readonly available: number;
}

interface Watch {
  readonly request: { readonly below?: number };
  readonly response: Level;
  readonly stream: true;
}

/** Generated types of stock-watch.proto, written by hand. */
interface WatchSchema {
  // biome-ignore lint/suspicious/noExplicitAny: objects this small need no generated types
  readonly objects: any;
  readonly abstracts: Readonly<Record<string, string>>;
  readonly enums: Readonly<Record<string, never>>;
  readonly scalars: string;
  readonly needs: Readonly<Record<string, never>>;
  readonly services: { readonly 'watch.v1.Stock': { readonly watchStock: Watch; readonly subscribeStock: Watch } };
}

/** Controls of the module's loops, and their errors. */
export interface Reading {
  /** Awaited after each message. Default: nothing. */
  readonly afterEach?: () => Promise<void>;
  /** Everything that was thrown from a loop. */
  readonly thrown?: unknown[];
}

/** Three ways to read a stream: all of it, a part of it, and twice. */
export const stockWatch = ({ afterEach = async () => {}, thrown = [] }: Reading = {}) =>
  defineBackend<WatchSchema>()({
    name: 'watch',
    typeDefs: typeDefs(`
      type Query {
        lowStock(below: Int!): [Level!]
        subscribed: [Level!]
        someLow(below: Int!, first: Int!): [Level!]
        readTwice: [Level!]
      }
      type Level { productId: ID!  available: Int! }`),
    upstreams: { stock: grpc({ proto: './stock-watch.proto', service: 'watch.v1.Stock' }) },
    resolvers: {
      Query: {
        lowStock: async (_root, { below }, { clients }) => {
          const levels: Level[] = [];
          try {
            for await (const level of clients.stock.watchStock({ below })) {
              levels.push({ productId: level.productId, available: level.available });
              await afterEach();
            }
          } catch (error) {
            thrown.push(error);
            throw error;
          }
          return levels;
        },
        subscribed: async (_root, _args, { clients }) => {
          const levels: Level[] = [];
          for await (const level of clients.stock.subscribeStock({})) levels.push(level);
          return levels;
        },
        someLow: async (_root, { below, first }, { clients }) => {
          const levels: Level[] = [];
          for await (const level of clients.stock.watchStock({ below })) {
            levels.push(level);
            if (levels.length >= first) break;
          }
          return levels;
        },
        readTwice: async (_root, _args, { clients }) => {
          const stream = clients.stock.watchStock({});
          const levels: Level[] = [];
          for await (const level of stream) levels.push(level);
          for await (const level of stream) levels.push(level);
          return levels;
        },
      },
    },
  });

export type WatchCall = ServerWritableStream<{ readonly below: number }, Level & { readonly history?: Uint8Array }>;

export interface WatchServer extends RunningServer {
  /** Its calls, oldest first. */
  readonly calls: readonly WatchCall[];
  /** Number of calls that the client ended before the server did. */
  readonly cancelled: number;
}

/** gRPC's own server for Node, with this handler for each call. */
export const watchServer = async (answer: (call: WatchCall) => void): Promise<WatchServer> => {
  const calls: WatchCall[] = [];
  let cancelled = 0;
  const served = (call: WatchCall) => {
    calls.push(call);
    // Emitted at the end of every call.
    call.once('cancelled', () => {
      if (!call.writableEnded) cancelled += 1;
    });
    answer(call);
  };
  const server = new Server();
  const definition = loadSync(WATCH_PROTO, { defaults: true })['watch.v1.Stock'];
  if (definition === undefined || 'format' in definition) throw new Error('watch.v1.Stock is not declared');
  server.addService(definition, { WatchStock: served, SubscribeStock: served });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  const stop = async () => server.forceShutdown();
  return {
    port,
    endpoint: endpointAt(port),
    calls,
    get cancelled() {
      return cancelled;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
};
