import { setMaxListeners } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { withoutOwnCookies } from '../../auth/sessions/session-cookies.ts';
import { CERTIFICATE_HEADER_NAMES } from '../../backend/forward/certificate-headers.ts';
import type { Clock, Timer } from '../../core/clock.ts';
import { ClientGoneError, GatewayError } from '../../core/errors.ts';
import { API_KEY_HEADER, NEVER_FORWARDED } from '../../request/headers.ts';
import type { RequestContext } from '../../request/request-context.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Authenticated } from './authentication.ts';

/** A request context with the functions that end it. */
export interface OpenRequestContext {
  readonly context: RequestContext;
  /** Aborts the signal. */
  end(error: GatewayError): void;
  /** Removes the timer. The signal is no longer aborted after that. */
  release(): void;
}

// Hop-by-hop headers (RFC 9110, 7.6.1) and others that are never forwarded. Content-Type is kept for plugins of Apollo
// Server; Apollo's own CSRF check does not run, see reject-forged-requests.ts. The list is fixed: obeying the Connection
// header would let a client strip headers set by a proxy. Headers about the client's certificate come from the gateway only.
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  ...[...NEVER_FORWARDED].filter((name) => name !== 'content-type'),
  ...CERTIFICATE_HEADER_NAMES,
]);

/** The caller of a request, with its token. */
export type IdentifiedCaller = Omit<Authenticated, 'tookMs'>;

const OF_API_KEYS: ReadonlySet<string> = new Set(['authorization', API_KEY_HEADER]);
const NONE: ReadonlySet<string> = new Set();

/**
 * The headers of a request that `forward` may name, and rules may read. An API key and the cookies of the gateway are not
 * among them: they are credentials for the gateway only. The token of a session is there as if the client had sent it.
 */
export const forwardable = (
  headers: IncomingHttpHeaders,
  { principal, accessToken }: IdentifiedCaller,
): Readonly<Record<string, string>> => {
  const secret = principal.kind === 'api-key' ? OF_API_KEYS : NONE;
  // Without a prototype, because configured names are looked up in it.
  const kept: Record<string, string> = Object.create(null);
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (value === undefined || OF_THE_CONNECTION.has(name) || secret.has(name)) continue;
    kept[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  if (headers.cookie !== undefined) {
    const cookies = withoutOwnCookies(headers.cookie);
    if (cookies === null) delete kept.cookie;
    else kept.cookie = cookies;
  }
  if (accessToken !== undefined) kept.authorization = `Bearer ${accessToken}`;
  return kept;
};

/** Opens the context of a request that has arrived completely. Its deadline is `timeoutMs` from now. */
export const openRequestContext = (
  exchange: Exchange,
  { memory, ...caller }: IdentifiedCaller & Pick<RequestContext, 'memory'>,
  clock: Clock,
  timeoutMs: number,
): OpenRequestContext => {
  const own = new AbortController();
  const { signal } = own;
  // Every call in flight adds a listener. Older versions of Node warn above 10.
  setMaxListeners(0, signal);

  let isReleased = false;
  const leave = () => {
    if (!isReleased) own.abort(new ClientGoneError('The client closed its connection.'));
  };
  exchange.onEnd(leave);
  if (exchange.isOver) leave();

  const timer = clock.after(timeoutMs, () =>
    own.abort(new GatewayError('TIMEOUT', `The request took longer than ${timeoutMs} ms.`)),
  );
  return {
    context: {
      requestId: exchange.id,
      principal: caller.principal,
      headers: forwardable(exchange.request.headers, caller),
      clientAddress: exchange.client.address,
      connection: exchange.client,
      deadline: clock.now() + timeoutMs,
      signal,
      trace: exchange.trace,
      ...(memory && { memory }),
      ...(exchange.limits?.isCounted === false && { limits: exchange.limits }),
      ...(exchange.rules !== null && { rules: exchange.rules }),
    },
    end: (error) => own.abort(error),
    release: () => {
      timer.cancel();
      isReleased = true;
    },
  };
};

/** Milliseconds after the deadline in which a result in progress may still arrive: partial data is better than none. */
const GRACE_MS = 25;

/** Outcome of waiting for a result. */
export type DeadlineOutcome<T> =
  | { readonly is: 'answered'; readonly answer: T }
  /** The deadline passed. A later result is dropped. */
  | { readonly is: 'late' }
  /** The client disconnected. */
  | { readonly is: 'gone' };

/** Waits for a result until the deadline passes or the client disconnects. Rejects if `answer` does before that. */
export const withDeadline = <T>(answer: Promise<T>, signal: AbortSignal, clock: Clock): Promise<DeadlineOutcome<T>> =>
  new Promise((resolve, reject) => {
    let grace: Timer | null = null;
    const onAbort = () => {
      if (signal.reason instanceof ClientGoneError) resolve({ is: 'gone' });
      else grace = clock.after(GRACE_MS, () => resolve({ is: 'late' }));
    };
    const stopWaiting = () => {
      signal.removeEventListener('abort', onAbort);
      grace?.cancel();
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    answer.then(
      (value) => {
        stopWaiting();
        resolve({ is: 'answered', answer: value });
      },
      (error) => {
        stopWaiting();
        reject(error);
      },
    );
  });
