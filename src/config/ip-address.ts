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

/** The groups of an IPv6 address, without `::`. An IPv4 suffix stands for two groups. */
const groupsOf = (address: string): readonly number[] => {
  const [head = '', tail] = address.split('::');
  const read = (text: string): readonly number[] =>
    text === ''
      ? []
      : text.split(':').flatMap((group) => {
          if (!group.includes('.')) return [Number.parseInt(group, 16)];
          const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
          return [a * 256 + b, c * 256 + d];
        });
  const [before, after] = [read(head), read(tail ?? '')];
  return [...before, ...Array<number>(Math.max(0, 8 - before.length - after.length)).fill(0), ...after];
};

const masked = (parts: readonly number[], size: number, prefix: number): readonly number[] =>
  parts.map((part, index) => {
    const kept = Math.min(Math.max(prefix - index * size, 0), size);
    return Math.floor(part / 2 ** (size - kept)) * 2 ** (size - kept);
  });

/**
 * Returns the network of a canonical address: its first `v4` or `v6` bits, as `10.1.0.0/16` or in the groups of IPv6. Null for
 * any other text.
 */
export const networkPrefix = (address: string, v4: number, v6: number): string | null => {
  if (isIPv4(address)) return `${masked(address.split('.').map(Number), 8, v4).join('.')}/${v4}`;
  if (!isIPv6(address)) return null;
  const groups = masked(groupsOf(address), 16, v6);
  return `${groups.map((group) => group.toString(16)).join(':')}/${v6}`;
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
