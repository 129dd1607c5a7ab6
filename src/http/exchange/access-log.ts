import type { IncomingMessage, ServerResponse } from 'node:http';
import { CLIENT_NAME_HEADER, CLIENT_VERSION_HEADER } from '../../telemetry/names.ts';
import type { MetRule, OperationCostRecord, RequestRecord, RequestTrace } from '../../telemetry/request-trace.ts';
import type { Client } from '../client/client.ts';
import type { BatchedOperation } from './batched-operation.ts';

interface LoggedOperation {
  readonly type: string;
  readonly name: string | null;
  readonly hash: string | null;
}

/** An operation of a batch in the access log. */
export interface BatchEntry {
  readonly requestId: string;
  /** Undefined for one that was refused before it was chosen in its document. */
  readonly operation: LoggedOperation | undefined;
  /** HTTP status that it would have as a request of its own; null if it has no result. */
  readonly status: number | null;
  readonly cost: OperationCostRecord | undefined;
  readonly errors: readonly string[] | undefined;
}

/**
 * One line of the access log. Undefined fields are left out. It never contains variables, tokens, queries or bodies.
 */
export interface AccessEntry {
  readonly requestId: string;
  readonly traceId: string | null;
  readonly client: {
    readonly address: string;
    readonly name: string | undefined;
    readonly version: string | undefined;
  };
  readonly method: string;
  /** Path of the URL without the query; at most 512 characters. */
  readonly path: string;
  /** HTTP status; 499 if the client disconnected before the response was complete. */
  readonly status: number;
  /** Bytes of the response body as sent, after compression. */
  readonly bytes: number;
  readonly userAgent: string | undefined;
  readonly operation: LoggedOperation | undefined;
  /** The operations of a batch, in order. Their upstreams, caches and errors are in the line, too. */
  readonly operations: readonly BatchEntry[] | undefined;
  readonly durationMs: number;
  readonly upstream:
    | {
        readonly calls: number;
        readonly ms: number;
        readonly addresses: readonly string[];
        /** Milliseconds for which its calls waited, by cause, added up. */
        readonly waitedMs: Readonly<Record<string, number>> | undefined;
      }
    | undefined;
  /** Number of keys by cache result. */
  readonly cache: Readonly<Record<string, number>> | undefined;
  /** Rules of `REQUEST_RULES` that the request meets. */
  readonly rules: readonly MetRule[] | undefined;
  /** Rules of limits that the request was above. */
  readonly limits: Readonly<Record<string, 'refused' | 'measured'>> | undefined;
  readonly cost: OperationCostRecord | undefined;
  readonly unplaced: readonly string[] | undefined;
  readonly errors: readonly string[] | undefined;
}

/** A request with its response, at its end. */
export interface LoggedRequest {
  readonly id: string;
  readonly client: Client;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly trace: RequestTrace;
  /** Null for a request with one operation, or with none. */
  readonly batch: readonly BatchedOperation[] | null;
  /** Bytes of the response body as sent. */
  readonly bytes: number;
  /** True if the gateway ended the response before it was complete. */
  readonly isCut: boolean;
}

const CLIENT_GONE = 499;
const MAX_PATH_LENGTH = 512;
const MAX_AGENT_LENGTH = 256;
const MAX_NAME_LENGTH = 100;

/** HTTP status of the response; 499 if the client disconnected before it was complete. */
export const loggedStatus = ({ response, isCut }: Pick<LoggedRequest, 'response' | 'isCut'>): number =>
  response.writableFinished || isCut ? response.statusCode : CLIENT_GONE;

/** Path of the URL without the query, which may contain client data. */
export const pathOf = ({ url = '' }: IncomingMessage): string => {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
};

const rounded = (ms: number): number => Math.round(ms * 10) / 10;

const cut = (value: string | readonly string[] | undefined, length: number): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, length) : undefined;

const operationOf = ({ operation }: RequestRecord): AccessEntry['operation'] => {
  if (operation === null) return undefined;
  const { type, name, hash } = operation;
  return { type, name: name?.slice(0, MAX_NAME_LENGTH) ?? null, hash };
};

const errorsOf = ({ errorCodes }: RequestRecord): readonly string[] | undefined =>
  errorCodes.length === 0 ? undefined : errorCodes;

const batchEntry = ({ id, trace: { record }, status }: BatchedOperation): BatchEntry => ({
  requestId: id,
  operation: operationOf(record),
  status,
  cost: record.cost ?? undefined,
  errors: errorsOf(record),
});

const waitedMs = ({ waits }: RequestRecord): Readonly<Record<string, number>> | undefined =>
  waits === null ? undefined : Object.fromEntries(Object.entries(waits).map(([cause, ms]) => [cause, rounded(ms)]));

const upstreamOf = (record: RequestRecord): AccessEntry['upstream'] => {
  const { calls, ms, addresses } = record.upstream;
  return calls === 0 ? undefined : { calls, ms: rounded(ms), addresses, waitedMs: waitedMs(record) };
};

/** Access log entry of a completed or aborted request. */
export const accessEntry = (ended: LoggedRequest, durationMs: number): AccessEntry => {
  const { id, client, request, trace, batch, bytes } = ended;
  const { headers } = request;
  const { record } = trace;
  return {
    requestId: id,
    traceId: trace.traceId,
    client: {
      address: client.address,
      name: cut(headers[CLIENT_NAME_HEADER], MAX_NAME_LENGTH),
      version: cut(headers[CLIENT_VERSION_HEADER], MAX_NAME_LENGTH),
    },
    method: request.method ?? '',
    path: pathOf(request).slice(0, MAX_PATH_LENGTH),
    status: loggedStatus(ended),
    bytes,
    userAgent: cut(headers['user-agent'], MAX_AGENT_LENGTH),
    operation: operationOf(record),
    operations: batch?.map(batchEntry),
    durationMs: rounded(durationMs),
    upstream: upstreamOf(record),
    cache: record.cache ?? undefined,
    rules: record.rules ?? undefined,
    limits: record.limits ?? undefined,
    cost: record.cost ?? undefined,
    errors: errorsOf(record),
    unplaced: record.unplacedErrors.length === 0 ? undefined : record.unplacedErrors,
  };
};
