import { z } from 'zod';
import type { Clock } from '../../core/clock.ts';

export interface RegisterOptions {
  /** `/registrations/<module>.<upstream>/<id>` of a gateway. */
  readonly url: URL;
  readonly token: string;
  /** Key to which the registration belongs; null: it belongs to its address. */
  readonly key: string | null;
  /** Body of the registration. */
  readonly lease: { readonly address: string; readonly ttlMs: number };
  /** Ends the registration when it aborts. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
}

/** Renewals within one time to live, so that two may fail. */
const RENEWALS = 3;
const RETRY_MS = 1_000;
/** Timeout of one request in milliseconds. */
const TIMEOUT_MS = 2_000;

/** Statuses for which another try with the same request is pointless. */
const FINAL: ReadonlySet<number> = new Set([400, 401, 403, 404]);

const Rejected = z.object({ errors: z.array(z.object({ message: z.string() })) });

const messageIn = async (response: Response): Promise<string> => {
  const body = Rejected.safeParse(await response.json().catch(() => null));
  return body.data?.errors[0]?.message ?? `status ${response.status}`;
};

const wait = (ms: number, signal: AbortSignal, clock: Clock): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      timer.cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.after(ms, done);
    signal.addEventListener('abort', done, { once: true });
  });

/** Sends a request with a timeout. @returns its response, or the reason of a failure */
const request = async (url: URL, init: RequestInit, clock: Clock): Promise<Response | string> => {
  const limit = new AbortController();
  const timer = clock.after(TIMEOUT_MS, () => limit.abort(new Error(`no answer within ${TIMEOUT_MS} ms`)));
  try {
    return await fetch(url, { ...init, signal: limit.signal });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return cause instanceof Error ? cause.message : String(cause);
  } finally {
    timer.cancel();
  }
};

/**
 * Registers an endpoint, and renews the registration until the signal aborts; it is then removed. A gateway that does
 * not answer, or whose Redis does not, is tried again each second.
 *
 * @returns null, or the message of a gateway that rejected the first registration for good
 */
export const registerUntil = async ({
  url,
  token,
  key,
  lease,
  signal,
  clock,
  print,
  printError,
}: RegisterOptions): Promise<string | null> => {
  const owned = { authorization: `Bearer ${token}`, ...(key !== null && { 'registration-key': key }) };
  const headers = { ...owned, 'content-type': 'application/json' };
  let last: string | null = null;
  let isRegistered = false;
  while (!signal.aborted) {
    const response = await request(url, { method: 'PUT', headers, body: JSON.stringify(lease) }, clock);
    const fault = typeof response === 'string' ? response : response.ok ? null : await messageIn(response);
    if (fault !== null && !isRegistered && typeof response !== 'string' && FINAL.has(response.status)) return fault;
    if (fault === null && (last !== null || !isRegistered)) print(`Registered ${lease.address} at ${url.host}.`);
    if (fault !== null && fault !== last) printError(`Registration at ${url.host} failed: ${fault}`);
    isRegistered ||= fault === null;
    last = fault;
    await wait(fault === null ? lease.ttlMs / RENEWALS : Math.min(RETRY_MS, lease.ttlMs / RENEWALS), signal, clock);
  }
  const leaving = new URL(url);
  leaving.searchParams.set('address', lease.address);
  const left = await request(leaving, { method: 'DELETE', headers: owned }, clock);
  if (typeof left === 'string') printError(`The registration at ${url.host} lapses by itself: ${left}`);
  else print(`Left ${url.host}.`);
  return null;
};
