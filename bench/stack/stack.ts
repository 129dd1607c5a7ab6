import { fileURLToPath } from 'node:url';
import { Client, credentials, loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { Pool } from 'undici';
import { reportUpstreams } from '../../src/app/report.ts';
import { readConfig } from '../../src/config/settings.ts';
import { systemClock } from '../../src/core/clock.ts';
import { loadProto } from '../../src/protobuf/load-proto.ts';
import { processLog } from '../../src/telemetry/log/process-log.ts';
import { standardOutput } from '../../src/telemetry/log/standard-output.ts';
import { openTelemetry } from '../../src/telemetry/open-telemetry.ts';
import { requestTrace } from '../../src/telemetry/open-trace.ts';
import { telemetrySettings } from '../../src/telemetry/settings.ts';
import type { Call, GrpcMessage, RestMessage } from '../../src/upstream/call.ts';
import { parseEndpoints } from '../../src/upstream/endpoints/endpoint-list.ts';
import { connectUpstream, type Upstream } from '../../src/upstream/upstream.ts';
import type { Endpoints } from '../backends/messages.ts';
import { addressIn, PAGE_PRODUCT_IDS, PAGE_READS, type PageRead, STOCK } from './page-reads.ts';
import type { Contender } from './rounds.ts';

const PROTO = fileURLToPath(new URL('../../schema/inventory/inventory.proto', import.meta.url));
const SERVICE = 'inventory.v1.Inventory';
const DEADLINE_MS = 10_000;

/** A bare client, or every layer with its defaults. */
export interface Which {
  readonly protocol: 'rest' | 'grpc';
  readonly through: 'client' | 'layers';
}

/** OrderPage makes as many for one request of a client. */
const CALLS_A_REQUEST = 4;

const { settings } = readConfig({}, []);
const log = processLog({ level: settings.LOG_LEVEL, to: standardOutput(systemClock) });
const telemetry = await openTelemetry(telemetrySettings(settings), systemClock, log);
const report = reportUpstreams(telemetry.metrics, log);

/** Calls as the gateway makes them: the signal, the timer and the record of a client's request serve all of its calls. */
const calling = (upstream: string): ((at: number, route: string, message: RestMessage | GrpcMessage) => Call) => {
  let signal = new AbortController().signal;
  let request = requestTrace(telemetry, systemClock, ROOT_CONTEXT);
  return (at, route, message) => {
    if (at % CALLS_A_REQUEST === 0) {
      signal = new AbortController().signal;
      request = requestTrace(telemetry, systemClock, ROOT_CONTEXT);
    }
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
      request,
      attempt: 1,
      endpoint: null,
      affinity: null,
    };
  };
};

const connected = (protocol: 'rest' | 'grpc', endpoint: string): Upstream => {
  const name = `bench.${protocol}`;
  return connectUpstream(
    { name, protocol, sources: parseEndpoints(endpoint, protocol), check: { by: 'connecting' } },
    { clock: systemClock, report: (event) => report(name, event) },
  );
};

/** The nth REST call: the three of each OrderPage in turn. */
const readAt = (at: number): PageRead => {
  const read = PAGE_READS[at % PAGE_READS.length];
  if (read === undefined) throw new Error('OrderPage makes REST calls.');
  return read;
};

const undici = (endpoints: Endpoints): Contender => {
  const pools = new Map<string, Pool>();
  const poolFor = (variable: string): Pool => {
    const known = pools.get(variable);
    if (known !== undefined) return known;
    const pool = new Pool(addressIn(endpoints, variable), { connections: 256 });
    pools.set(variable, pool);
    return pool;
  };
  return {
    name: 'undici.request',
    call: async (at) => {
      const { variable, target } = readAt(at);
      return (await poolFor(variable).request({ path: target, method: 'GET' })).body.json();
    },
  };
};

const restLayers = (endpoints: Endpoints): Contender => {
  const variables = new Set(PAGE_READS.map(({ variable }) => variable));
  const upstreams = new Map(
    [...variables].map((variable) => [variable, connected('rest', addressIn(endpoints, variable))]),
  );
  const callFor = calling('bench.rest');
  return {
    name: 'all layers, REST',
    call: (at) => {
      const { variable, target, route } = readAt(at);
      const upstream = upstreams.get(variable);
      if (upstream === undefined) throw new Error(`${variable} is not connected.`);
      return upstream.send(callFor(at, route, { protocol: 'rest', method: 'GET', target, body: null }));
    },
  };
};

const productIdsAt = (at: number): readonly string[] => PAGE_PRODUCT_IDS[at % PAGE_PRODUCT_IDS.length] ?? [];

const grpcJs = (endpoints: Endpoints): Contender => {
  const loaded = loadPackageDefinition(loadSync(PROTO, { keepCase: true }));
  // Written down in the .proto: proto-loader knows it only as a tree of names.
  const { Inventory } = (loaded.inventory as unknown as { v1: { Inventory: ServiceClientConstructor } }).v1;
  const method = Inventory.service.BatchGetStock;
  if (method === undefined) throw new Error('inventory.proto has no BatchGetStock');
  const client = new Client(new URL(addressIn(endpoints, STOCK)).host, credentials.createInsecure());
  const call = (at: number): Promise<unknown> =>
    new Promise((resolve, reject) =>
      client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        { product_ids: productIdsAt(at) },
        { deadline: Date.now() + DEADLINE_MS },
        (error, value) => (error === null ? resolve(value) : reject(error)),
      ),
    );
  return { name: '@grpc/grpc-js', call };
};

const grpcLayers = (endpoints: Endpoints): Contender => {
  const { send } = connected('grpc', addressIn(endpoints, STOCK));
  const method = loadProto(PROTO)
    .service(SERVICE)
    .methods.find(({ name }) => name === 'batchGetStock');
  if (method === undefined) throw new Error('inventory.proto has no BatchGetStock');
  const { route, path, safe, encode, decode } = method;
  const callFor = calling('bench.grpc');
  return {
    name: 'all layers, gRPC',
    call: (at) => {
      const request = encode({ productIds: productIdsAt(at) });
      return send(callFor(at, route, { protocol: 'grpc', path, safe, request, decode }));
    },
  };
};

/** Reads of OrderPage: its three REST calls in turn, or its gRPC call. */
export const contenderOf = ({ protocol, through }: Which, endpoints: Endpoints): Contender => {
  if (protocol === 'rest') return through === 'client' ? undici(endpoints) : restLayers(endpoints);
  return through === 'client' ? grpcJs(endpoints) : grpcLayers(endpoints);
};
