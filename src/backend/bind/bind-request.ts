import { createHash } from 'node:crypto';
import { principalKey } from '../../request/principal.ts';
import type { RequestContext } from '../../request/request-context.ts';
import type { RequestTrace } from '../../telemetry/request-trace.ts';
import type { CallSubject } from '../../upstream/credentials/call-subject.ts';
import type { CallOrigin } from '../../upstream/routing/call-origin.ts';
import { callSubjectOf } from '../credentials/own-credentials.ts';
import type { UpstreamDefinition } from '../define/upstream-options.ts';
import { forwarded, identifiesCaller } from '../forward/forwarded-headers.ts';
import { affinityOf } from './affinity.ts';
import { type KeyScope, keyScope } from './idempotency.ts';

/** Values that every call to one upstream takes from the client's request. */
export interface BoundRequest {
  /** `<module>.<upstream>` */
  readonly upstream: string;
  readonly deadline: number;
  readonly signal: AbortSignal;
  readonly principalKey: string;
  /** Caller for credentials that are issued for each caller. Default: none. */
  readonly subject?: CallSubject | undefined;
  /** Caller key for circuits and pauses: the principal; for anonymous callers, with the forwarded headers. */
  readonly caller: string;
  /** True if anything of the client is forwarded, so that the upstream can distinguish callers. */
  readonly isIdentified: boolean;
  /** Headers of every call: the request id, and the caller's headers that the upstream's `forward` names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Derives this caller's idempotency keys. */
  readonly keyScope: KeyScope;
  /** Trace of the operation, or of the request if there is no operation. */
  readonly trace: RequestTrace;
  /** Affinity key; null for none. */
  readonly affinity: string | null;
  /** The client's request, for routes. Default: none. */
  readonly origin?: CallOrigin;
}

/** In characters. A longer caller key is replaced by its hash. */
const MAX_CALLER_LENGTH = 100;

const callerOf = (key: string, { principal }: RequestContext, sent: Readonly<Record<string, string>>): string => {
  const values = principal.kind === 'anonymous' ? Object.values(sent) : [];
  const caller = [key, ...values].join('\n');
  return caller.length <= MAX_CALLER_LENGTH ? caller : createHash('sha256').update(caller).digest('base64url');
};

/**
 * Binds an upstream to a request. Calls with an `isolationKey`, a unique name, share no flight with others, which may have
 * begun before a write of this request.
 */
export const bindRequest = (
  upstream: string,
  { forward, balance, auth }: Partial<Pick<UpstreamDefinition, 'forward' | 'balance' | 'auth'>>,
  request: RequestContext,
  isolationKey: string | null = null,
  origin: CallOrigin = { ...request, operation: null },
): BoundRequest => {
  const headers = forward === undefined ? {} : forwarded(forward, request);
  const key = principalKey(request.principal);
  const caller = callerOf(key, request, headers);
  const subject = callSubjectOf({ auth }, request);
  headers['x-request-id'] = request.requestId;
  return {
    upstream,
    deadline: request.deadline,
    signal: request.signal,
    principalKey: isolationKey === null ? key : `${key} ${isolationKey}`,
    subject,
    caller,
    isIdentified: subject !== undefined || (forward !== undefined && identifiesCaller(forward)),
    keyScope: keyScope(request, upstream),
    trace: request.trace.record.operation?.trace ?? request.trace,
    affinity: affinityOf(balance?.policy, request),
    headers,
    origin,
  };
};
