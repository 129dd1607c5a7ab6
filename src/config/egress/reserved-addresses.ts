import { isIPv4 } from 'node:net';
import { canonicalAddress, networkTest, readCidr } from '../ip-address.ts';

/**
 * Addresses that answer with credentials or settings of the machine to every process on it: link-local ones, and those
 * of metadata services. AWS: 169.254.169.254, fd00:ec2::254, and fd00:ec2::23 for EKS; Google: fd20:ce::254; Alibaba:
 * 100.100.100.200; Oracle: 192.0.0.192; Azure: 168.63.129.16.
 */
const METADATA: readonly string[] = [
  '169.254.0.0/16',
  'fe80::/10',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
  '100.100.100.200',
  '192.0.0.192',
  '168.63.129.16',
];

/** Names of metadata services. A proxy that is passed a name resolves it itself. */
const METADATA_NAMES: ReadonlySet<string> = new Set([
  'metadata',
  'metadata.goog',
  'metadata.google.internal',
  'metadata.azure.internal',
  'metadata.tencentyun.com',
  'instance-data',
  'instance-data.ec2.internal',
]);

const isReserved = networkTest(METADATA);

const GROUPS = 8;
const GROUP_MAX = 0xffff;

/** The eight groups of a canonical IPv6 address. */
const groupsOf = (address: string): readonly number[] => {
  const hex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a: string, b: string, c: string, d: string) => {
    const pair = (high: string, low: string) => (Number(high) * 256 + Number(low)).toString(16);
    return `${pair(a, b)}:${pair(c, d)}`;
  });
  const [head = '', tail = ''] = hex.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const middle = Array.from({ length: GROUPS - left.length - right.length }, () => '0');
  return [...left, ...middle, ...right].map((group) => Number.parseInt(group, 16));
};

const dotted = (high: number, low: number): string => [high >> 8, high & 255, low >> 8, low & 255].join('.');

/**
 * IPv4 addresses to which packets for this IPv6 address may go: IPv4-compatible (RFC 4291), NAT64 (RFC 6052, RFC 8215),
 * IPv4-translated (RFC 2765), 6to4 (RFC 3056), Teredo (RFC 4380) and ISATAP (RFC 5214). `canonicalAddress` has replaced
 * IPv4-mapped ones.
 */
const embeddedIn = (address: string): readonly string[] => {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groupsOf(address);
  const last = dotted(g, h);
  const isCompatible = [a, b, c, d, e, f].every((group) => group === 0);
  const isTranslated = [a, b, c, d, f].every((group) => group === 0) && e === GROUP_MAX;
  const isNat64 = a === 0x64 && b === 0xff9b;
  const isIsatap = (e === 0 || e === 0x200) && f === 0x5efe;
  return [
    ...(isCompatible || isTranslated || isNat64 || isIsatap ? [last] : []),
    ...(a === 0x2002 ? [dotted(b, c)] : []),
    ...(a === 0x2001 && b === 0 ? [dotted(g ^ GROUP_MAX, h ^ GROUP_MAX)] : []),
  ];
};

/** All forms of an address that rules are compared with: the canonical one, and the IPv4 addresses within it. */
export const formsOf = (address: string): readonly string[] => {
  const canonical = canonicalAddress(address);
  if (canonical === null) return [];
  return isIPv4(canonical) ? [canonical] : [canonical, ...embeddedIn(canonical)];
};

/** True for a link-local address or one of a metadata service, in any form. */
export const isReservedAddress = (address: string): boolean => formsOf(address).some(isReserved);

/** True for the name of a metadata service. */
export const isReservedName = (name: string): boolean => METADATA_NAMES.has(name.toLowerCase().replace(/\.$/, ''));

/** True if an address or CIDR has reserved addresses only, so that listing it is a decision for them. */
export const isReservedNetwork = (entry: string): boolean => {
  const inner = readCidr(entry);
  if (inner === null) return false;
  return METADATA.some((network) => {
    const outer = readCidr(network);
    return outer?.family === inner.family && inner.prefix >= outer.prefix && networkTest([network])(inner.address);
  });
};
