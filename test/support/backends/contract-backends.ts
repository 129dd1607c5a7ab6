import { constants } from 'node:http2';
import protobuf from 'protobufjs';
import { rawServer } from '../grpc/grpc-server.ts';
import { rawBackend } from './raw-backend.ts';

/** Answer of a REST backend to every request. */
export interface RestReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent literally. */
  readonly body?: string;
}

/** Answer of a gRPC backend to every call. */
export interface GrpcReply {
  /** Value of `grpc-status`. */
  readonly status: number | string;
  readonly message?: string;
  /** Details of a `google.rpc.Status`, by the name of their type. */
  readonly details?: Readonly<Record<string, object>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Ways to call a backend: by a client's call, by a loader, by a write. */
export type Way = 'calls' | 'keys' | 'writes';

/** Endpoint of each attempt, in order. */
export type Attempts = Readonly<Record<Way, readonly string[]>>;

/** A backend with three endpoints that all answer as a row of a table defines. */
export interface ContractBackend extends AsyncDisposable {
  /** Value for the gateway's endpoints variable. */
  readonly endpoints: string;
  readonly attempts: Attempts;
}

/** Endpoints differ by their base paths. */
const PLACES = ['one', 'two', 'three'];

const endpointsAt = (origin: string): string => PLACES.map((place) => `${origin}/${place}`).join();

const nothingYet = (): Record<Way, string[]> => ({ calls: [], keys: [], writes: [] });

const WELL: Readonly<Record<Way, string>> = { calls: '{"id":"s1"}', keys: '[{"id":"s1"}]', writes: '{"id":"s1"}' };

const wayOf = (method: string | undefined, path: string): Way => {
  if (method === 'POST') return 'writes';
  return path.startsWith('sheets?') ? 'keys' : 'calls';
};

/** A REST backend; null for a healthy one. */
export const restBackend = async (reply: RestReply | null): Promise<ContractBackend> => {
  const attempts = nothingYet();
  const backend = await rawBackend((request, response) => {
    const [, place = '', ...path] = request.url?.split('/') ?? [];
    const way = wayOf(request.method, path.join('/'));
    attempts[way].push(place);
    const { status, headers = {}, body } = reply ?? { status: 200, body: WELL[way] };
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  });
  return { endpoints: endpointsAt(backend.url), attempts, [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose]() };
};

const { root } = protobuf.parse(`
  syntax = "proto3";
  package google.rpc;
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message Any { string type_url = 1; bytes value = 2; }
  message BadRequest { repeated FieldViolation field_violations = 1; }
  message FieldViolation { string field = 1; string description = 2; }
  message RetryInfo { Duration retry_delay = 1; }
  message Duration { int64 seconds = 1; int32 nanos = 2; }
  message ErrorInfo { string reason = 1; string domain = 2; map<string, string> metadata = 3; }
  message DebugInfo { repeated string stack_entries = 1; string detail = 2; }`);
root.resolveAll();

const statusDetails = ({ status, message, details = {} }: GrpcReply): string => {
  const packed = Object.entries(details).map(([name, detail]) => ({
    typeUrl: `type.googleapis.com/google.rpc.${name}`,
    value: root.lookupType(`google.rpc.${name}`).encode(detail).finish(),
  }));
  const bytes = root
    .lookupType('google.rpc.Status')
    .encode({ code: Number(status), message, details: packed })
    .finish();
  return Buffer.from(bytes).toString('base64');
};

/** The service in its backend's version, which has one more enum value and one more field than the gateway's. */
const newer = protobuf.parse(`
  syntax = "proto3";
  message Record { string id = 1; Format format = 2; int64 plays = 3; string label = 4; }
  message Records { repeated Record records = 1; }
  enum Format { FORMAT_UNSPECIFIED = 0; SINGLE = 1; ALBUM = 2; BOX_SET = 9; }`).root;

const framed = (message: Uint8Array): Buffer => {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.byteLength, 1);
  return Buffer.concat([prefix, message]);
};

const encoded = (way: Way, record: object): Buffer =>
  framed(
    way === 'keys'
      ? newer
          .lookupType('Records')
          .encode({ records: [record] })
          .finish()
      : newer.lookupType('Record').encode(record).finish(),
  );

const WAYS = new Map<string | undefined, Way>([
  ['GetRecord', 'calls'],
  ['BatchGetRecords', 'keys'],
  ['PressRecord', 'writes'],
]);

const HEAD = { ':status': 200, 'content-type': 'application/grpc' };

/** A gRPC backend. A healthy one answers with this record. */
export const grpcBackend = async (reply: GrpcReply | { readonly record: object } | null): Promise<ContractBackend> => {
  const attempts = nothingYet();
  const server = await rawServer((stream, headers) => {
    const [, place = '', , method] = headers[':path']?.split('/') ?? [];
    const way = WAYS.get(method);
    if (way === undefined) return stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    attempts[way].push(place);
    stream.resume();
    if (reply === null || 'record' in reply) {
      stream.respond(HEAD, { waitForTrailers: true });
      stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      return stream.end(encoded(way, reply?.record ?? { id: 'r1' }));
    }
    const { status, message = '', details, headers: others = {} } = reply;
    const detailed = details === undefined ? {} : { 'grpc-status-details-bin': statusDetails(reply) };
    stream.respond(
      { ...HEAD, 'grpc-status': String(status), 'grpc-message': encodeURIComponent(message), ...detailed, ...others },
      { endStream: true },
    );
  });
  const endpoints = endpointsAt(`grpc://127.0.0.1:${server.port}`);
  return { endpoints, attempts, [Symbol.asyncDispose]: server.stop };
};
