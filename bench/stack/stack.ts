import { fileURLToPath } from 'node:url';
import { Client, credentials, loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { Pool, request } from 'undici';
import { systemClock } from '../../src/core/clock.ts';
import { loadProto } from '../../src/protobuf/load-proto.ts';
import type { Call, GrpcMessage, RestMessage } from '../../src/upstream/call.ts';
import { parseEndpoints } from '../../src/upstream/endpoints/endpoint.ts';
import { connectUpstream, type Upstream } from '../../src/upstream/upstream.ts';
import type { Contender } from './rounds.ts';

const PROTO = fileURLToPath(new URL('../../schema/inventory/inventory.proto', import.meta.url));
const SERVICE = 'inventory.v1.Inventory';
const DEADLINE_MS = 10_000;

export interface Ports {
  readonly http: number;
  readonly grpc: number;
}

/** A bare client, or every layer with its defaults. */
export interface Which {
  readonly protocol: 'rest' | 'grpc';
  readonly through: 'client' | 'layers';
}

/** OrderPage makes as many for one request of a client. */
const CALLS_A_REQUEST = 4;

/** Calls as the gateway makes them: what belongs to a client's request, its signal and the timer that bounds it, serves all of its calls. */
const calling = (upstream: string, route: string): ((at: number, message: RestMessage | GrpcMessage) => Call) => {
  let signal = new AbortController().signal;
  return (at, message) => {
    if (at % CALLS_A_REQUEST === 0) signal = new AbortController().signal;
    return {
      upstream,
      route,
      idempotent: true,
      principalKey: 'anonymous',
      headers: { 'x-request-id': '0d4e7c3a' },
      message,
      deadline: systemClock.now() + DEADLINE_MS,
      signal,
      bounded: true,
      request: null,
      attempt: 1,
      endpoint: null,
      affinity: null,
    };
  };
};

const connected = (protocol: 'rest' | 'grpc', port: number): Upstream =>
  connectUpstream(
    {
      name: `bench.${protocol}`,
      protocol,
      sources: parseEndpoints(`${protocol === 'rest' ? 'http' : 'grpc'}://127.0.0.1:${port}`, protocol),
      check: { by: 'connecting' },
    },
    { clock: systemClock },
  );

const undici = (port: number): Contender => {
  const origin = `http://127.0.0.1:${port}`;
  const dispatcher = new Pool(origin, { connections: 256 });
  return {
    name: 'undici.request',
    call: async (at) => (await request(`${origin}/rows?at=${at}`, { dispatcher })).body.json(),
  };
};

const restLayers = (port: number): Contender => {
  const { send } = connected('rest', port);
  const callFor = calling('bench.rest', 'GET /rows');
  return {
    name: 'all layers, REST',
    call: (at) => send(callFor(at, { protocol: 'rest', method: 'GET', target: `/rows?at=${at}`, body: null })),
  };
};

/** More than are under way at one time, so that no two calls at once ask for the same. Made before anything is measured. */
const LISTS = Array.from({ length: 1_000 }, (_, at) => Array.from({ length: 60 }, (_, index) => `p${index + at}`));

const productIds = (at: number): readonly string[] => LISTS[at % LISTS.length] ?? [];

const grpcJs = (port: number): Contender => {
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
  return { name: '@grpc/grpc-js', call };
};

const grpcLayers = (port: number): Contender => {
  const { send } = connected('grpc', port);
  const method = loadProto(PROTO)
    .service(SERVICE)
    .methods.find(({ name }) => name === 'batchGetStock');
  if (method === undefined) throw new Error('inventory.proto has no BatchGetStock');
  const { route, path, safe, encode, decode } = method;
  const callFor = calling('bench.grpc', route);
  return {
    name: 'all layers, gRPC',
    call: (at) =>
      send(callFor(at, { protocol: 'grpc', path, safe, request: encode({ productIds: productIds(at) }), decode })),
  };
};

/** A read of 60 rows. */
export const contenderOf = ({ protocol, through }: Which, { http, grpc }: Ports): Contender => {
  if (protocol === 'rest') return through === 'client' ? undici(http) : restLayers(http);
  return through === 'client' ? grpcJs(grpc) : grpcLayers(grpc);
};
