import type { FastifyReply, FastifyRequest } from 'fastify';
import { CLIENT_NAME_HEADER, CLIENT_VERSION_HEADER } from '../telemetry/names.ts';
import type { RequestRecord, RequestTrace } from '../telemetry/request-trace.ts';

/** One line of the access log, where what is undefined is left out. Nothing in it is a variable, a token, a query or a body. */
export interface AccessEntry {
  readonly requestId: string;
  readonly traceId: string | null;
  readonly client: {
    readonly address: string;
    readonly name: string | undefined;
    readonly version: string | undefined;
  };
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** 499 where the client left before its answer was complete. */
  readonly status: number;
  /** Of the answer's body, as it was sent. */
  readonly bytes: number;
  readonly userAgent: string | undefined;
  readonly operation: { readonly type: string; readonly name: string | null; readonly hash: string | null } | undefined;
  readonly durationMs: number;
  readonly upstream: { readonly calls: number; readonly ms: number; readonly addresses: readonly string[] } | undefined;
  /** Keys by what the cache said. */
  readonly cache: Readonly<Record<string, number>> | undefined;
  readonly errors: readonly string[] | undefined;
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

/** Without the query, which holds what clients ask for. */
export const pathOf = ({ url }: FastifyRequest): string => {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
};

const rounded = (ms: number): number => Math.round(ms * 10) / 10;

const cut = (value: string | readonly string[] | undefined, length: number): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, length) : undefined;

const operationOf = ({ operation }: RequestRecord): AccessEntry['operation'] => {
  if (operation === null) return undefined;
  const { type, name, hash } = operation;
  return { type, name: name?.slice(0, LONGEST_NAME) ?? null, hash };
};

const upstreamOf = ({ upstream: { calls, ms, addresses } }: RequestRecord): AccessEntry['upstream'] =>
  calls === 0 ? undefined : { calls, ms: rounded(ms), addresses };

/** What the log says of a request that has ended. */
export const accessEntry = (request: FastifyRequest, reply: FastifyReply, measured: Measured): AccessEntry => {
  const { id, client, method, headers } = request;
  const { trace, durationMs, bytes } = measured;
  const { record } = trace;
  return {
    requestId: id,
    traceId: trace.traceId,
    client: {
      address: client.address,
      name: cut(headers[CLIENT_NAME_HEADER], LONGEST_NAME),
      version: cut(headers[CLIENT_VERSION_HEADER], LONGEST_NAME),
    },
    method,
    path: pathOf(request).slice(0, LONGEST_PATH),
    status: statusOf(reply),
    bytes,
    userAgent: cut(headers['user-agent'], LONGEST_AGENT),
    operation: operationOf(record),
    durationMs: rounded(durationMs),
    upstream: upstreamOf(record),
    cache: record.cache ?? undefined,
    errors: record.errorCodes.length === 0 ? undefined : record.errorCodes,
  };
};
