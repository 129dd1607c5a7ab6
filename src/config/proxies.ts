import { isIP } from 'node:net';

/** Bits of the longest prefix, by IP version. */
const MAX_PREFIX: Readonly<Record<number, number>> = { 4: 32, 6: 128 };

/** The fault of one entry of `TRUSTED_PROXIES`; null for an address or a CIDR that does not cover all addresses. */
export const proxyFault = (entry: string): string | null => {
  const [address = '', prefix, ...more] = entry.split('/');
  const max = address.includes('%') ? undefined : MAX_PREFIX[isIP(address)];
  const bits = prefix === undefined ? max : Number(prefix);
  const isWritten = prefix === undefined || /^\d{1,3}$/.test(prefix);
  if (max === undefined || bits === undefined || !isWritten || bits > max || more.length > 0)
    return 'must be addresses or CIDRs such as 10.0.0.7, 10.0.0.0/8 or fd00::/8, separated by commas';
  return bits === 0
    ? `must not be ${entry}, which trusts every address: each client could then choose the address that limits and log see. Name the addresses of the proxies`
    : null;
};
