import { readCidr } from '../ip-address.ts';

const faultOf = (entry: string, ofAll: string): string | null => {
  const network = readCidr(entry);
  if (network === null)
    return 'must be addresses or CIDRs such as 10.0.0.7, 10.0.0.0/8 or fd00::/8, separated by commas';
  return network.prefix === 0 ? `must not be ${entry}, which ${ofAll}` : null;
};

/**
 * Returns the fault of one entry of `TRUSTED_PROXIES`; null for an address or a CIDR that does not cover all addresses.
 */
export const proxyFault = (entry: string): string | null =>
  faultOf(entry, 'lets every client choose the address that limits and logs use: list the addresses of the proxies');

/** Returns the fault of one entry of `REGISTRATION_NETWORKS`, as `proxyFault` does. */
export const networkFault = (entry: string): string | null =>
  faultOf(entry, 'lets backends register any address: list the networks of the backends');
