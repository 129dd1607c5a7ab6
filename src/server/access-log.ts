import type { FastifyReply, FastifyRequest } from 'fastify';
import { CLIENT_NAME_HEADER, CLIENT_VERSION_HEADER } from '../telemetry/names.ts';
import type { RequestTrace } from '../telemetry/request-trace.ts';

/** One line of the access log. Nothing in it is a variable, a token, a query or a body. */
export interface AccessEntry {
  readonly requestId: string;
  readonly traceId: string | null;
  readonly client: { readonly address: string; readonly name?: string; readonly version?: string };
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** 499 where the client left before its answer was complete. */
  readonly status: number;
  /** Of the answer's body, as it was sent. */
  readonly bytes: number;
  readonly userAgent?: string;
  readonly operation?: { readonly type: string; readonly name: string | null; readonly hash: string | null };
  readonly durationMs: number;
  readonly upstream?: { readonly calls: number; readonly ms: number; readonly addresses: readonly string[] };
  /** Keys by what the cache said. */
  readonly cache?: Readonly<Record<string, number>>;
  readonly errors?: readonly string[];
}

export interface Measured {
  readonly trace: RequestTrace;
  readonly durationMs: number;
  readonly bytes: number;
}

const CLIENT_GONE = 499;
const LONGEST_PATH = 512;
const LONGEST_AGENT = 256;
const LONGEST_NAME = 100;

/** The status that the client got, or 499 where it did not wait. */
export const statusOf = ({ raw, statusCode }: FastifyReply): number =>
  raw.writableFinished ? statusCode : CLIENT_GONE;

const rounded = (ms: number): number => Math.round(ms * 10) / 10;

const cut = <Name extends string>(
  name: Name,
  value: string | readonly string[] | undefined,
  length: number,
): { readonly [K in Name]?: string } =>
  // The computed name is Name, which TypeScript widens to string.
  typeof value === 'string' && value !== '' ? ({ [name]: value.slice(0, length) } as { [K in Name]: string }) : {};

const operationOf = ({ record: { operation } }: RequestTrace): Pick<AccessEntry, 'operation'> => {
  if (operation === null) return {};
  const { type, name, hash } = operation;
  return { operation: { type, name: name?.slice(0, LONGEST_NAME) ?? null, hash } };
};

const upstreamOf = ({ record }: RequestTrace): Pick<AccessEntry, 'upstream'> => {
  const { upstream } = record;
  return upstream.calls === 0 ? {} : { upstream: { ...upstream, ms: rounded(upstream.ms) } };
};

/** What the log says of a request that has ended. */
export const accessEntry = (request: FastifyRequest, reply: FastifyReply, measured: Measured): AccessEntry => {
  const { trace, durationMs, bytes } = measured;
  const { record } = trace;
  const [path = ''] = request.url.split('?', 1);
  return {
    requestId: request.id,
    traceId: trace.traceId,
    client: {
      address: request.ip,
      ...cut('name', request.headers[CLIENT_NAME_HEADER], LONGEST_NAME),
      ...cut('version', request.headers[CLIENT_VERSION_HEADER], LONGEST_NAME),
    },
    method: request.method,
    path: path.slice(0, LONGEST_PATH),
    status: statusOf(reply),
    bytes,
    ...cut('userAgent', request.headers['user-agent'], LONGEST_AGENT),
    ...operationOf(trace),
    durationMs: rounded(durationMs),
    ...upstreamOf(trace),
    ...(record.cache === null ? {} : { cache: record.cache }),
    ...(record.errorCodes.length === 0 ? {} : { errors: record.errorCodes }),
  };
};
