import { lookup, Resolver } from 'node:dns/promises';

export interface Resolution {
  readonly addresses: readonly string[];
  /** How long they may be believed, in milliseconds. */
  readonly ttlMs: number;
}

/** Rejects where the name has no address, or nobody answered in time. */
export type Resolve = (name: string) => Promise<Resolution>;

export interface ResolverOptions {
  /** Addresses with ports of the DNS servers to ask. Default: those of the system. */
  readonly servers?: readonly string[] | undefined;
  /** Of one attempt at one server. Default 1,000. */
  readonly timeoutMs?: number;
}

/** The system's own way says nothing of how long its answer holds. */
const LOOKUP_TTL_MS = 5_000;
const TRIES = 2;

const bestOf = (records: readonly { readonly address: string; readonly ttl: number }[]): Resolution => ({
  addresses: records.map(({ address }) => address).toSorted(),
  ttlMs: Math.min(...records.map(({ ttl }) => ttl)) * 1_000,
});

/** Whether a server answered, and knows no such record: others may. */
const hasNone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENODATA' || error.code === 'ENOTFOUND');

/**
 * Asks DNS for the A records of a name, or its AAAA records where it has no others.
 *
 * A name that DNS does not know as it stands is asked of the system, which knows its hosts file and search domains; not so
 * where `servers` are given.
 */
export const dnsResolver = ({ servers, timeoutMs = 1_000 }: ResolverOptions = {}): Resolve => {
  const resolver = new Resolver({ timeout: timeoutMs, tries: TRIES });
  if (servers !== undefined) resolver.setServers(servers);

  const asSystemKnows = async (name: string, unknown: unknown): Promise<Resolution> => {
    if (servers !== undefined) throw unknown;
    const found = await lookup(name, { all: true });
    const v4 = found.filter(({ family }) => family === 4);
    return {
      addresses: (v4.length > 0 ? v4 : found).map(({ address }) => address).toSorted(),
      ttlMs: LOOKUP_TTL_MS,
    };
  };

  return async (name) => {
    try {
      return bestOf(await resolver.resolve4(name, { ttl: true }));
    } catch (error) {
      if (!hasNone(error)) throw error;
    }
    try {
      return bestOf(await resolver.resolve6(name, { ttl: true }));
    } catch (error) {
      if (!hasNone(error)) throw error;
      return asSystemKnows(name, error);
    }
  };
};
