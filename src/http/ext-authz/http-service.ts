import { UpstreamError } from '../../core/errors.ts';
import type { Answer, Call, Send } from '../../upstream/call.ts';
import type { AuthorizationService, AuthzDecision, CheckedRequest, HeaderValues } from './decision.ts';

/** Name of the service in errors, metrics and `/status`. */
export const SERVICE = 'gateway.ext-authz';

const ROUTE = 'GET check';

/** The request as headers: those of NGINX's examples for auth_request, and those of proxies. */
const described = ({ method, url, scheme, host, clientAddress, headers }: CheckedRequest): HeaderValues => ({
  ...headers,
  'x-original-method': method,
  'x-original-uri': url,
  'x-forwarded-for': clientAddress,
  'x-forwarded-proto': scheme,
  ...(host !== '' && { 'x-forwarded-host': host }),
});

const deniedBy = (error: unknown): AuthzDecision | null => {
  if (!(error instanceof UpstreamError) || (error.status !== 401 && error.status !== 403)) return null;
  const headers = error.response?.headers ?? {};
  return { is: 'denied', code: error.status === 401 ? 'UNAUTHENTICATED' : 'FORBIDDEN', headers };
};

/**
 * A service as NGINX's auth_request calls it: a GET without a body. 2xx allows the request, 401 and 403 deny it, and any
 * other answer is no decision. Identical checks in flight share one call.
 */
export const httpAuthorization = (send: Send, target: string): AuthorizationService => ({
  check: async (request, { deadline, signal }) => {
    const call: Call = {
      ...{ upstream: SERVICE, route: ROUTE, idempotent: true, principalKey: '', request: null },
      headers: described(request),
      message: { protocol: 'rest', method: 'GET', target, body: null, as: 'none' },
      ...{ deadline, signal, attempt: 1, endpoint: null },
    };
    let answer: Answer;
    try {
      answer = await send(call);
    } catch (error) {
      const denied = deniedBy(error);
      if (denied === null) throw error;
      return denied;
    }
    return { is: 'allowed', headers: answer.headers, removed: [] };
  },
});
