import type { JWTVerifyGetKey } from 'jose';
import { DEFAULT_REQUESTS, type OwnRequests } from '../../config/egress/own-requests.ts';
import type { Clock, Timer } from '../../core/clock.ts';
import type { AuthLog } from '../auth-log.ts';
import { fetchJson, reasonOf } from '../discovery/fetch-json.ts';
import { discoverEndpoint } from '../discovery/server-metadata.ts';
import { UnverifiableTokenError } from '../tokens/token-verifier.ts';
import { publishedKeys } from './published-keys.ts';

/** Minimum time between two fetches because of unknown keys or a failed refresh. */
const COOLDOWN_MS = 30_000;
/** Delay of the second attempt while no keys were ever fetched. Doubles up to the cooldown. */
const FIRST_RETRY_MS = 1_000;
/** Interval of refreshes. A key that its issuer has removed is accepted no longer than this. */
const REFRESH_MS = 600_000;
/** Maximum age of keys while the issuer is unreachable. */
const KEPT_MS = 4 * 3_600_000;

/** The keys of one issuer. */
export interface KeySource {
  /**
   * Returns the known keys; fetches them at first use.
   *
   * @throws UnverifiableTokenError without keys
   */
  keys(): Promise<JWTVerifyGetKey>;
  /** Returns newer keys than these; null if the issuer has none, or the cooldown has not passed. */
  newerThan(keys: JWTVerifyGetKey): Promise<JWTVerifyGetKey | null>;
  /** Stops the refreshes. */
  close(): void;
}

interface Known {
  readonly keys: JWTVerifyGetKey;
  readonly at: number;
}

/** The place of an issuer's keys: their URL, or the issuer whose metadata name it. */
export type KeyPlace = { readonly url: string } | { readonly issuer: string };

/**
 * Keeps the published keys of an issuer. They are fetched at first use, every ten minutes, and on an unknown
 * key after the cooldown; metadata are fetched again each time. Concurrent callers share one fetch. Keys stay valid for four hours while the issuer is
 * unreachable.
 */
export const keySource = (
  place: KeyPlace,
  clock: Clock,
  log: AuthLog,
  requests: Pick<OwnRequests, 'fetch'> = DEFAULT_REQUESTS,
): KeySource => {
  let known: Known | null = null;
  let flight: Promise<void> | null = null;
  let failures = 0;
  let notBefore = Number.NEGATIVE_INFINITY;
  let refresh: Timer | null = null;
  let closed = false;

  const believed = (): Known | null => (known !== null && clock.now() - known.at < KEPT_MS ? known : null);

  const refreshIn = (ms: number): void => {
    refresh?.cancel();
    if (!closed) refresh = clock.after(ms, () => void fetchOnce());
  };

  const load = async (): Promise<void> => {
    const start = clock.now();
    notBefore = start + COOLDOWN_MS;
    try {
      const url = 'url' in place ? place.url : await discoverEndpoint(place.issuer, 'jwks_uri', clock, requests);
      const keys = await publishedKeys(await fetchJson(url, clock, requests), (weak) =>
        log.warn('A published key of an issuer is weak; signatures by it are refused.', { url, ...weak }),
      );
      known = { keys, at: start };
      failures = 0;
      refreshIn(REFRESH_MS);
    } catch (error) {
      log.warn('Fetching the keys of an issuer failed.', { ...place, reason: reasonOf(error) });
      if (known === null) notBefore = clock.now() + Math.min(FIRST_RETRY_MS * 2 ** failures, COOLDOWN_MS);
      else refreshIn(COOLDOWN_MS);
      failures += 1;
    }
  };

  const fetchOnce = (): Promise<void> => {
    flight ??= load().finally(() => {
      flight = null;
    });
    return flight;
  };

  /** Joins the fetch in flight, or starts one unless the cooldown has not passed. */
  const fetchIfAllowed = async (): Promise<void> => {
    if (flight !== null || clock.now() >= notBefore) await fetchOnce();
  };

  return {
    keys: async () => {
      if (believed() === null) await fetchIfAllowed();
      const found = believed();
      if (found !== null) return found.keys;
      const retryAfterS = Math.max(1, Math.ceil((notBefore - clock.now()) / 1_000));
      throw new UnverifiableTokenError('The keys of the issuer are not available.', retryAfterS);
    },
    newerThan: async (keys) => {
      if (known?.keys === keys) await fetchIfAllowed();
      return known === null || known.keys === keys ? null : known.keys;
    },
    close: () => {
      closed = true;
      refresh?.cancel();
    },
  };
};
