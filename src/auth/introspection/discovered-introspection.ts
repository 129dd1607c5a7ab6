import type { OwnRequests } from '../../config/egress/own-requests.ts';
import type { Clock } from '../../core/clock.ts';
import { discoverEndpoint } from '../discovery/server-metadata.ts';

/** Interval of refreshes, and of attempts to refresh. */
const REFRESH_MS = 600_000;
const RETRY_MS = 30_000;
/** Maximum age of an endpoint while its metadata are unreachable. */
const KEPT_MS = 4 * 3_600_000;

/**
 * Returns the introspection endpoint of an issuer's metadata. It is fetched at first use, and every ten minutes in the
 * background of its use; it stays valid for four hours without an answer. Concurrent callers share one fetch.
 */
export const discoveredIntrospection = (
  issuer: string,
  clock: Clock,
  requests: Pick<OwnRequests, 'fetch'>,
): (() => Promise<string>) => {
  let known: { readonly url: string; readonly at: number } | null = null;
  let flight: Promise<string> | null = null;
  let refreshAt = 0;

  const load = async (): Promise<string> => {
    const at = clock.now();
    refreshAt = at + RETRY_MS;
    const url = await discoverEndpoint(issuer, 'introspection_endpoint', clock, requests);
    known = { url, at };
    refreshAt = at + REFRESH_MS;
    return url;
  };
  const loadOnce = (): Promise<string> => {
    flight ??= load().finally(() => {
      flight = null;
    });
    return flight;
  };

  return async () => {
    const now = clock.now();
    if (known === null || now - known.at >= KEPT_MS) return loadOnce();
    // The known endpoint is used meanwhile; its own failures are reported.
    if (now >= refreshAt) loadOnce().catch(() => {});
    return known.url;
  };
};
