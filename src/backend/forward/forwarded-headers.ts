import type { RequestContext } from '../../request/request-context.ts';
import { CERTIFICATE_HEADER_NAMES, CERTIFICATE_HEADERS } from './certificate-headers.ts';
import { CLIENT_HEADERS, type ClientHeader } from './client-headers.ts';
import type { HttpForward } from './forward-options.ts';

const USUAL: readonly ClientHeader[] = ['x-forwarded-for'];

/** Names that an option with true, false or a list stands for. */
const namesOf = <Name>(value: boolean | readonly Name[] | undefined, all: readonly Name[]): readonly Name[] => {
  if (value === undefined || value === false) return [];
  return value === true ? all : value;
};

/**
 * Headers of the caller that `forward` passes on. All of them are part of the keys of caches, loaders and flights, which
 * are made of this function's result.
 */
export const forwarded = (forward: HttpForward, request: RequestContext): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (const name of forward.headers ?? []) {
    const value = request.headers[name.toLowerCase()];
    if (value !== undefined) headers[name.toLowerCase()] = value;
  }
  if (forward.identity === 'token' && request.headers.authorization !== undefined)
    headers.authorization = request.headers.authorization;
  const { connection } = request;
  for (const name of namesOf(forward.client, USUAL)) {
    const value = CLIENT_HEADERS[name](request);
    if (value !== '') headers[name] = value;
  }
  for (const name of namesOf(forward.certificate, CERTIFICATE_HEADER_NAMES)) {
    const value = CERTIFICATE_HEADERS[name](connection?.certificate ?? null);
    if (value !== '') headers[name] = value;
  }
  if (forward.host === true && connection?.host) headers.host = connection.host;
  return headers;
};

/** True if anything that is forwarded distinguishes callers. */
export const identifiesCaller = ({
  identity,
  client = false,
  certificate = false,
  headers = [],
}: HttpForward): boolean => identity === 'token' || client !== false || certificate !== false || headers.length > 0;
