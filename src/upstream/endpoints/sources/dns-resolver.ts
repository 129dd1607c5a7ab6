import { lookup, Resolver } from 'node:dns/promises';

export interface Resolution {
  readonly addresses: readonly string[];
  /** Time to live in milliseconds. */
  readonly ttlMs: number;
}

/** Rejects if the name has no address or no server answers in time. */
export type Resolve = (name: string) => Promise<Resolution>;

export interface ResolverOptions {
  /** Addresses and ports of the DNS servers. Default: those of the system. */
  readonly servers?: readonly string[] | undefined;
  /** Timeout of one query to one server in milliseconds. Default 1,000. */
  readonly timeoutMs?: number;
  /** True to pass names that DNS does not know to the system's resolver. Default: true unless `servers` are set. */
  readonly system?: boolean;
}

/** Time to live of an answer from the system's resolver, which reports none. */
const LOOKUP_TTL_MS = 5_000;
const TRIES = 2;

const bestOf = (records: readonly { readonly address: string; readonly ttl: number }[]): Resolution => ({
  addresses: records.map(({ address }) => address).toSorted(),
  ttlMs: Math.min(...records.map(({ ttl }) => ttl)) * 1_000,
});

/** True if a server answered that the record does not exist. Records of other types may exist. */
const hasNone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENODATA' || error.code === 'ENOTFOUND');

/** True if no DNS server runs, as on a machine that has its names in the hosts file only. */
const isRefused = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';

/**
 * Queries DNS for the A records of a name, or for its AAAA records if it has no A records.
 *
 * A name without records is passed to the system's resolver, which knows the hosts file and search domains, unless
 * `servers` are set. So is every name if no server runs.
 */
export const dnsResolver = (options: ResolverOptions = {}): Resolve => {
  const { servers, timeoutMs = 1_000, system = servers === undefined } = options;
  const resolver = new Resolver({ timeout: timeoutMs, tries: TRIES });
  if (servers !== undefined) resolver.setServers(servers);

  const asSystemKnows = async (name: string, unknown: unknown): Promise<Resolution> => {
    if (!system) throw unknown;
    const found = await lookup(name, { all: true }).catch(() => {
      throw unknown;
    });
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
      if (isRefused(error)) return asSystemKnows(name, error);
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
