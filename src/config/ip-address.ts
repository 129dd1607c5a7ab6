import { BlockList, isIP, isIPv4, isIPv6, SocketAddress } from 'node:net';

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/;

/**
 * Returns the canonical form of an IP address: IPv6 in lower case with `::`, without a zone; an IPv4-mapped IPv6
 * address as IPv4. Null for any other text.
 */
export const canonicalAddress = (text: string): string | null => {
  if (isIPv4(text)) return text;
  const [bare = ''] = text.split('%', 1);
  if (!isIPv6(bare)) return null;
  const { address } = new SocketAddress({ address: bare, family: 'ipv6' });
  return MAPPED.exec(address)?.[1] ?? address;
};

export interface Cidr {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  /** Length of the network prefix in bits. */
  readonly prefix: number;
}

/** Reads an address or a CIDR; a network of IPv4-mapped IPv6 addresses is read as IPv4. Null for any other text. */
export const readCidr = (text: string): Cidr | null => {
  const [written = '', bits, ...more] = text.split('/');
  const address = written.includes('%') ? null : canonicalAddress(written);
  if (address === null || more.length > 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits))) return null;
  const max = isIPv4(written) ? 32 : 128;
  const prefix = bits === undefined ? max : Number(bits);
  if (prefix > max) return null;
  if (isIPv6(address)) return { address, family: 'ipv6', prefix };
  if (max === 32) return { address, family: 'ipv4', prefix };
  return prefix < 96
    ? { address: `::ffff:${address}`, family: 'ipv6', prefix }
    : { address, family: 'ipv4', prefix: prefix - 96 };
};

/** Returns a test for addresses within these addresses and CIDRs. @throws Error for an entry that is neither */
export const networkTest = (networks: readonly string[]): ((address: string) => boolean) => {
  const list = new BlockList();
  for (const entry of networks) {
    const network = readCidr(entry);
    if (network === null) throw new Error(`Not an address or CIDR: ${entry}`);
    list.addSubnet(network.address, network.prefix, network.family);
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
};
