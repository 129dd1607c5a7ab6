import type { Endpoint } from '../endpoints/endpoint.ts';
import type { RestRequest } from '../rest/rest-request.ts';
import type { EgressProxy } from './egress-proxy.ts';

/**
 * The request as the proxy receives it: in absolute form with the proxy's credentials for `http:` (RFC 9112, 3.2.2),
 * unchanged within a tunnel.
 */
export const proxiedRequest = ({ entry }: EgressProxy, { url }: Endpoint, request: RestRequest): RestRequest => {
  if (url.protocol !== 'http:') return request;
  const { authorization } = entry;
  const own = authorization === null ? {} : { 'proxy-authorization': authorization.reveal() };
  return { ...request, path: url.origin + request.path, headers: { ...request.headers, host: url.host, ...own } };
};
