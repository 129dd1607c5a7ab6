import { createHash } from 'node:crypto';
import { principalKey } from '../auth/principal.ts';
import type { RequestTrace } from '../telemetry/request-trace.ts';
import type { Signal } from '../upstream/signal.ts';
import { affinityOf } from './affinity.ts';
import { type KeyScope, keyScope } from './idempotency.ts';
import type { RequestContext } from './request-context.ts';
import type { Forward, UpstreamOptions } from './upstreams.ts';

/** What every call to one upstream takes from the client's request. */
export interface BoundRequest {
  /** `<module>.<upstream>` */
  readonly upstream: string;
  readonly deadline: number;
  readonly signal: Signal;
  readonly principalKey: string;
  /** Key of the caller for circuits and pauses: the principal; of an anonymous one, with what is forwarded of the client. */
  readonly caller: string;
  /** True where something of the client is forwarded, so that the upstream distinguishes callers. */
  readonly isIdentified: boolean;
  /** Sent with every call: the request id, and of the caller only what the upstream's `forward` names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Makes idempotency keys of this caller. */
  readonly keyScope: KeyScope;
  /** The operation's place in the trace, where there is one. */
  readonly trace: RequestTrace;
  /** What keeps callers that are alike at one endpoint; null where nothing does. */
  readonly affinity: string | null;
}

/** Headers that belong to one connection or to the message itself (RFC 9110, 7.6.1), and are never forwarded. */
export const NEVER_FORWARDED: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What an upstream is told of the caller. */
export const forwarded = (forward: Forward, request: RequestContext): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (const name of forward.headers ?? []) {
    const value = request.headers[name.toLowerCase()];
    if (value !== undefined) headers[name.toLowerCase()] = value;
  }
  if (forward.identity === 'token' && request.headers.authorization !== undefined)
    headers.authorization = request.headers.authorization;
  if (forward.client === true) headers['x-forwarded-for'] = request.clientAddress;
  return headers;
};

/** In characters: of a longer caller a hash is kept. */
const MAX_CALLER_LENGTH = 100;

const callerOf = (key: string, { principal }: RequestContext, sent: Readonly<Record<string, string>>): string => {
  const values = principal.kind === 'anonymous' ? Object.values(sent) : [];
  const caller = [key, ...values].join('\n');
  return caller.length <= MAX_CALLER_LENGTH ? caller : createHash('sha256').update(caller).digest('base64url');
};

const tellsCallersApart = ({ identity, client = false, headers = [] }: Forward): boolean =>
  identity === 'token' || client || headers.length > 0;

/**
 * Binds an upstream to a request. With `apart`, a name that nobody else has, its calls share nothing that others have in flight:
 * that may have been read before what this request has written.
 */
export const bindRequest = (
  upstream: string,
  { forward, balance }: Pick<UpstreamOptions, 'forward' | 'balance'>,
  request: RequestContext,
  apart: string | null = null,
): BoundRequest => {
  const headers = forward === undefined ? {} : forwarded(forward, request);
  const key = principalKey(request.principal);
  const caller = callerOf(key, request, headers);
  headers['x-request-id'] = request.requestId;
  return {
    upstream,
    deadline: request.deadline,
    signal: request.signal,
    principalKey: apart === null ? key : `${key} ${apart}`,
    caller,
    isIdentified: forward !== undefined && tellsCallersApart(forward),
    keyScope: keyScope(request, upstream),
    trace: request.trace.record.operation?.trace ?? request.trace,
    affinity: affinityOf(balance?.policy, request),
    headers,
  };
};
