import type { Clock, Timer } from '../clock.ts';
import { GatewayError } from '../errors.ts';
import { fetchJson } from './fetch-json.ts';
import type { AuthLog } from './log.ts';
import { type PublishedKeys, publishedKeys } from './published-keys.ts';

/** Between two fetches that tokens with unknown keys, or a failed refresh, cause. */
const COOLDOWN_MS = 30_000;
/** Before the second attempt while there have never been keys; doubles up to the cooldown. */
const FIRST_RETRY_MS = 1_000;
/** So that a key that its issuer has removed is not believed for longer. */
const REFRESH_MS = 600_000;
/** How long the last keys are believed while the issuer cannot be asked. */
const KEPT_MS = 4 * 3_600_000;

/** The keys of one issuer. */
export interface KeySource {
  /**
   * The keys as they are known; fetched at first use.
   *
   * @throws GatewayError SERVICE_UNAVAILABLE, with `retryAfter` in seconds in its details, where there are none
   */
  keys(): Promise<PublishedKeys>;
  /** Newer keys than these, where the issuer has them and may be asked yet; else null. */
  newerThan(keys: PublishedKeys): Promise<PublishedKeys | null>;
  /** Ends the refreshing. */
  close(): void;
}

interface Known {
  readonly keys: PublishedKeys;
  readonly at: number;
}

/**
 * Keeps the keys that an issuer publishes at `url`: fetched at first use, again after ten minutes, and sooner for a key that is
 * not among them. Of any number of callers one fetches. Keys outlive an outage of their issuer by four hours.
 */
export const keySource = (url: string, clock: Clock, log: AuthLog): KeySource => {
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
      const keys = await publishedKeys(await fetchJson(url, clock), (weak) =>
        log.warn('A published key is weak, and signatures by it are refused.', { url, ...weak }),
      );
      known = { keys, at: start };
      failures = 0;
      refreshIn(REFRESH_MS);
    } catch (error) {
      log.warn('The keys of an issuer could not be fetched.', { url, reason: reasonOf(error) });
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

  /** Fetches, or waits for whoever does, unless that was done too short a time ago. */
  const fetchIfAllowed = async (): Promise<void> => {
    if (flight !== null || clock.now() >= notBefore) await fetchOnce();
  };

  return {
    keys: async () => {
      if (believed() === null) await fetchIfAllowed();
      const found = believed();
      if (found !== null) return found.keys;
      const retryAfter = Math.max(1, Math.ceil((notBefore - clock.now()) / 1_000));
      throw new GatewayError('SERVICE_UNAVAILABLE', `No keys from ${url} to verify tokens with.`, {
        details: { retryAfter },
      });
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

/** fetch() says only that it failed; why is in the cause. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
};
