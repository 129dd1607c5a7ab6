import { fileURLToPath } from 'node:url';
import { Client, credentials, loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { Pool, request } from 'undici';
import { systemClock } from '../src/clock.ts';
import type { Call, GrpcMessage, RestMessage } from '../src/upstream/call.ts';
import { connectUpstream, type Upstream } from '../src/upstream/connect.ts';
import { parseEndpoints } from '../src/upstream/endpoint.ts';
import { loadProto } from '../src/upstream/grpc/proto.ts';
import type { Contender } from './rounds.ts';

const PROTO = fileURLToPath(new URL('../schema/inventory/inventory.proto', import.meta.url));
const SERVICE = 'inventory.v1.Inventory';
const DEADLINE_MS = 10_000;

export interface Ports {
  readonly http: number;
  readonly grpc: number;
}

export interface Opened {
  readonly contenders: readonly Contender[];
  close(): Promise<void>;
}

const callTo = (upstream: string, route: string, message: RestMessage | GrpcMessage): Call => ({
  upstream,
  route,
  idempotent: true,
  principalKey: 'anonymous',
  headers: { 'x-request-id': '0d4e7c3a' },
  message,
  deadline: systemClock.now() + DEADLINE_MS,
  signal: new AbortController().signal,
  // As the gateway's own calls are: one timer of the client's request is there for all of them.
  bounded: true,
  request: null,
  attempt: 1,
  endpoint: null,
  affinity: null,
});

const connected = (protocol: 'rest' | 'grpc', port: number): Upstream =>
  connectUpstream(
    {
      name: `bench.${protocol}`,
      protocol,
      origins: parseEndpoints(`${protocol === 'rest' ? 'http' : 'grpc'}://127.0.0.1:${port}`, protocol),
      check: { by: 'connecting' },
    },
    { clock: systemClock },
  );

/** A read of 60 rows over REST: by undici alone, and through every layer with its defaults. */
export const restContenders = ({ http }: Ports): Opened => {
  const origin = `http://127.0.0.1:${http}`;
  const dispatcher = new Pool(origin, { connections: 256 });
  const upstream = connected('rest', http);
  return {
    contenders: [
      {
        name: 'undici.request',
        call: async (at) => (await request(`${origin}/rows?at=${at}`, { dispatcher })).body.json(),
      },
      {
        name: 'all layers, REST',
        call: (at) =>
          upstream.send(
            callTo('bench.rest', 'GET /rows', {
              protocol: 'rest',
              method: 'GET',
              target: `/rows?at=${at}`,
              body: null,
            }),
          ),
      },
    ],
    close: async () => {
      await dispatcher.close();
      await upstream.close();
    },
  };
};

const productIds = (at: number): readonly string[] => Array.from({ length: 60 }, (_, index) => `p${index + at}`);

const grpcJs = (port: number) => {
  const loaded = loadPackageDefinition(loadSync(PROTO, { keepCase: true }));
  // Written down in the .proto: proto-loader knows it only as a tree of names.
  const { Inventory } = (loaded.inventory as unknown as { v1: { Inventory: ServiceClientConstructor } }).v1;
  const method = Inventory.service.BatchGetStock;
  if (method === undefined) throw new Error('inventory.proto has no BatchGetStock');
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const call = (at: number): Promise<unknown> =>
    new Promise((resolve, reject) =>
      client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        { product_ids: productIds(at) },
        { deadline: Date.now() + DEADLINE_MS },
        (error, value) => (error === null ? resolve(value) : reject(error)),
      ),
    );
  return { call, close: () => client.close() };
};

/** A read of 60 rows over gRPC: by @grpc/grpc-js alone, and through every layer with its defaults. */
export const grpcContenders = ({ grpc }: Ports): Opened => {
  const bare = grpcJs(grpc);
  const upstream = connected('grpc', grpc);
  const method = loadProto(PROTO)
    .service(SERVICE)
    .methods.find(({ name }) => name === 'batchGetStock');
  if (method === undefined) throw new Error('inventory.proto has no BatchGetStock');
  const { route, path, safe, encode, decode } = method;
  return {
    contenders: [
      { name: '@grpc/grpc-js', call: bare.call },
      {
        name: 'all layers, gRPC',
        call: (at) =>
          upstream.send(
            callTo('bench.grpc', route, {
              protocol: 'grpc',
              path,
              safe,
              request: encode({ productIds: productIds(at) }),
              decode,
            }),
          ),
      },
    ],
    close: async () => {
      bare.close();
      await upstream.close();
    },
  };
};
