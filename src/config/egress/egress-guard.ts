import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { type EgressRefusal, type EgressRules, egressRules } from './egress-rules.ts';

/** A connection that the guard has refused. */
export interface RefusedConnection {
  /** The host as configured, or as a backend named it. */
  readonly host: string;
  readonly reason: EgressRefusal;
}

/** A refused connection. Nothing was sent. Its code replaces an address in messages. */
export class EgressRefusedError extends Error {
  override readonly name = 'EgressRefusedError';
  readonly code = 'EGRESS_REFUSED';

  constructor(reason: EgressRefusal) {
    super(
      reason === 'metadata'
        ? 'the gateway must not call link-local and metadata addresses'
        : 'EGRESS_ALLOW has neither this host nor its address',
    );
  }
}

/** Decides where the gateway may connect. Every outgoing connection of modules and of the gateway passes it. */
export interface EgressGuard {
  /**
   * Resolves a name for a connection, and yields the addresses that the rules allow. The connection goes to one of
   * these: there is no second resolution with another result.
   */
  readonly lookup: LookupFunction;
  /** Error for a connection to an address, for which there is no lookup; null for an allowed one, and for a name. */
  refusedAddress(host: string, address?: string): EgressRefusedError | null;
  /** Error for a name that something else resolves, such as a proxy; null for an allowed one. */
  refusedName(host: string): EgressRefusedError | null;
}

/** The resolution of a name by the system, as `dns.lookup`. */
export type ResolveName = (
  hostname: string,
  options: LookupOptions & { readonly all: true },
  found: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

interface EgressGuardOptions {
  /** Called for every refused connection. Default: none. */
  readonly onRefused?: (refused: RefusedConnection) => void;
  /** Default: the system's resolver. */
  readonly resolve?: ResolveName;
}

/** Creates the guard of these rules. */
export const egressGuard = (
  rules: EgressRules,
  { onRefused = () => {}, resolve = systemLookup }: EgressGuardOptions = {},
): EgressGuard => {
  const refused = (host: string, reason: EgressRefusal | null): EgressRefusedError | null => {
    if (reason === null) return null;
    onRefused({ host, reason });
    return new EgressRefusedError(reason);
  };
  return {
    lookup: (hostname, options, callback) =>
      resolve(hostname, { ...options, all: true }, (error, addresses) => {
        if (error !== null) {
          callback(error, '');
          return;
        }
        const refusals = addresses.map(({ address }) => rules.refusalOf(hostname, address));
        const allowed = addresses.filter((_, at) => refusals[at] === null);
        const [first] = allowed;
        if (first === undefined) callback(refused(hostname, refusals[0] ?? 'not-listed'), '');
        else if (options.all === true) callback(null, allowed);
        else callback(null, first.address, first.family);
      }),
    refusedAddress: (host, address = host) =>
      isIP(address) === 0 ? null : refused(host, rules.refusalOf(host, address)),
    refusedName: (host) => refused(host, rules.refusalOfName(host)),
  };
};

/** The guard without a list: only reserved addresses are refused. */
export const DEFAULT_GUARD: EgressGuard = egressGuard(egressRules([]));
