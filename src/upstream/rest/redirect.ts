import { BodyStream } from '../stream/body-stream.ts';
import type { AnswerHead } from './exchange.ts';
import type { RestRequest } from './rest-request.ts';

/** Redirects that are followed. */
export interface RedirectSettings {
  /** Maximum number of redirects of one attempt. */
  readonly max: number;
  /** Other origins that a read may be redirected to, such as `https://files.example.com`. */
  readonly origins: readonly string[];
}

/** Statuses of redirects with a Location (RFC 9110, 15.4). */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Statuses that keep method and body. */
const UNCHANGED: ReadonlySet<number> = new Set([307, 308]);

/**
 * Headers that another origin receives. All others may prove an identity, of the gateway or of its caller, or describe
 * the caller.
 */
const NOT_SECRET: readonly string[] = ['accept', 'accept-encoding', 'user-agent', 'range'];

/** A request that follows a redirect. */
export interface Redirected {
  readonly origin: string;
  readonly isSameOrigin: boolean;
  readonly request: RestRequest;
}

const locationOf = (location: string, origin: string, path: string): URL | null => {
  const url = URL.parse(location, origin + path);
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') ? url : null;
};

const mayRepeat = ({ method, body }: RestRequest, status: number, isIdempotent: boolean): boolean => {
  if (method === 'GET' || method === 'HEAD') return true;
  return UNCHANGED.has(status) && isIdempotent && !(body instanceof BodyStream);
};

const publicHeaders = (headers: RestRequest['headers']): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => NOT_SECRET.includes(name)));

/**
 * The request that follows a redirect; null for an answer that is not followed. Reads are followed, and idempotent writes
 * whose method and body stay the same: within `origin`, and reads also to the origins of the settings, without any
 * header that could prove an identity.
 */
export const redirected = (
  sent: { readonly origin: string; readonly request: RestRequest; readonly isIdempotent: boolean },
  { status, headers }: Pick<AnswerHead, 'status' | 'headers'>,
  { origins }: RedirectSettings,
): Redirected | null => {
  const { origin, request, isIdempotent } = sent;
  const { location } = headers;
  if (location === undefined || !REDIRECTS.has(status) || !mayRepeat(request, status, isIdempotent)) return null;
  const url = locationOf(location, origin, request.path);
  if (url === null) return null;
  const path = url.pathname + url.search;
  if (url.origin === origin) return { origin, isSameOrigin: true, request: { ...request, path } };
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead || !origins.includes(url.origin)) return null;
  return {
    origin: url.origin,
    isSameOrigin: false,
    request: { ...request, path, headers: publicHeaders(request.headers) },
  };
};
