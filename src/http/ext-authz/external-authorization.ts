import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../../core/clock.ts';
import type { Principal } from '../../request/principal.ts';
import type { RequestAuditEvent } from '../exchange/audited-request.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Authenticated, Identify } from '../graphql/authentication.ts';
import { RejectedError, rejection } from '../listener/rejection.ts';
import type { AuthorizationService, AuthzDecision, CheckedRequest, HeaderValues } from './decision.ts';

export interface ExternalAuthorizationOptions {
  readonly service: AuthorizationService;
  readonly clock: Clock;
  /** Milliseconds for a decision. */
  readonly timeoutMs: number;
  /** Headers of the client that the service receives, in lower case. */
  readonly sent: readonly string[];
  /** Headers of the service that backends may receive, in lower case. */
  readonly supplied: readonly string[];
  /** Headers of the service by the claims that users receive. */
  readonly claims: ReadonlyMap<string, string>;
  /** Headers of a refusal that the client receives, in lower case. */
  readonly denied: readonly string[];
  /** Called for each check without a decision. */
  readonly failed: (error: unknown) => void;
}

/** RFC 9110, 5.5: visible ASCII, with space or tab inside. */
const SENDABLE = /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/;
/** Characters of all headers of a decision together. */
const MAX_LENGTH = 16_384;
const RETRY_AFTER_S = '1';

const REFUSED: RequestAuditEvent = {
  ...{ event: 'credential.refused', outcome: 'refused', target: { credential: 'ext-authz' } },
  reason: 'The authorisation service has refused the request.',
};

/** Programs in many languages read `_` in the name of a header as `-`. */
const plainName = (name: string): string => name.replaceAll('_', '-').toLowerCase();

/** Removes the client's copies of headers that are the service's, in any spelling. */
const removeCopies = (headers: IncomingHttpHeaders, names: ReadonlySet<string>): void => {
  for (const name of Object.keys(headers)) if (names.has(plainName(name))) delete headers[name];
};

const checkedRequest = ({ request, client }: Exchange, sent: readonly string[]): CheckedRequest => {
  const headers: Record<string, string> = {};
  for (const name of sent) {
    const value = request.headers[name];
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const { method = '', url = '' } = request;
  const host = client.host ?? request.headers.host ?? '';
  return { method, url, scheme: client.scheme, host, clientAddress: client.address, headers };
};

/** The named headers of an answer. @throws Error for a value that cannot be sent on */
const chosen = (headers: HeaderValues, names: Iterable<string>): Record<string, string> => {
  const found: Record<string, string> = {};
  let length = 0;
  for (const name of names) {
    const value = headers[name];
    if (value === undefined || value === '') continue;
    length += name.length + value.length;
    if (!SENDABLE.test(value) || length > MAX_LENGTH)
      throw new Error(`the header ${name} of the answer cannot be used`);
    found[name] = value;
  }
  return found;
};

const withClaims = (principal: Principal, claims: ReadonlyMap<string, string>, headers: HeaderValues): Principal => {
  if (principal.kind !== 'user' || claims.size === 0) return principal;
  const supplied = [...claims].flatMap(([claim, header]) => {
    const value = headers[header];
    return value === undefined ? [] : [[claim, value] as const];
  });
  // A claim of the token with this name is not that of the service.
  const own = Object.entries(principal.claims ?? {}).filter(([claim]) => !claims.has(claim));
  return Object.freeze({ ...principal, claims: Object.freeze(Object.fromEntries([...own, ...supplied])) });
};

const unavailable = (): RejectedError =>
  new RejectedError(rejection('SERVICE_UNAVAILABLE', '', { headers: { 'retry-after': RETRY_AFTER_S } }));

/**
 * Creates the function that identifies a request, and then has the authorisation service decide about it. Without a
 * decision the request is rejected with 503: nothing is executed that the service has not allowed.
 *
 * Headers that are the service's are removed from the request of the client before, whatever the decision is.
 */
export const externallyAuthorized = (identify: Identify, options: ExternalAuthorizationOptions): Identify => {
  const { service, clock, timeoutMs, sent, supplied, claims, denied, failed } = options;
  const ofService = new Set([...supplied, ...claims.values()]);
  const plain = new Set([...ofService].map(plainName));

  const decided = async (exchange: Exchange): Promise<AuthzDecision> => {
    const own = new AbortController();
    exchange.onEnd(() => own.abort(new Error('the client has left')));
    const limits = { deadline: clock.now() + timeoutMs, signal: own.signal };
    const decision = await service.check(checkedRequest(exchange, sent), limits);
    return decision.is === 'allowed'
      ? { ...decision, headers: chosen(decision.headers, ofService) }
      : { ...decision, headers: chosen(decision.headers, denied) };
  };

  const apply = (exchange: Exchange, principal: Principal, decision: AuthzDecision): Principal => {
    if (decision.is === 'denied') {
      const { code, headers } = decision;
      // FORBIDDEN is recorded with the answer.
      if (code === 'UNAUTHENTICATED') exchange.audit(REFUSED);
      throw new RejectedError(rejection(code, '', { headers }));
    }
    const { headers } = exchange.request;
    removeCopies(headers, new Set(decision.removed.map(plainName)));
    for (const name of supplied) if (decision.headers[name] !== undefined) headers[name] = decision.headers[name];
    return withClaims(principal, claims, decision.headers);
  };

  return async (exchange): Promise<Authenticated> => {
    const authenticated = await identify(exchange);
    // Neither the service nor a backend sees them.
    const start = clock.now();
    removeCopies(exchange.request.headers, plain);
    let decision: AuthzDecision;
    try {
      decision = await decided(exchange);
    } catch (error) {
      failed(error);
      throw unavailable();
    }
    const principal = apply(exchange, authenticated.principal, decision);
    return { ...authenticated, principal, tookMs: authenticated.tookMs + Math.round(clock.now() - start) };
  };
};
