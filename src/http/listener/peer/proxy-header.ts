import { isIPv4, isIPv6 } from 'node:net';
import { canonicalAddress } from '../../../config/ip-address.ts';

/** Result of reading the beginning of a connection. */
export type ProxyHeader =
  | { readonly is: 'incomplete' }
  | { readonly is: 'invalid'; readonly reason: string }
  | {
      readonly is: 'read';
      /** Bytes of the header. What follows belongs to the client. */
      readonly length: number;
      /** Address of the client; null for a connection of the proxy itself, or for a client without an IP address. */
      readonly source: string | null;
    };

const INCOMPLETE: ProxyHeader = { is: 'incomplete' };
const invalid = (reason: string): ProxyHeader => ({ is: 'invalid', reason });

const V1 = Buffer.from('PROXY ', 'latin1');
/** Length of the longest header of version 1, with its line end. */
const MAX_V1_LENGTH = 107;
const V2 = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const V2_HEAD_LENGTH = 16;
/**
 * Maximum length of a header of version 2. The format allows 64 KiB; addresses and the extensions of load balancers take
 * some hundred bytes.
 */
export const MAX_HEADER_LENGTH = 4_096;

const PORT = /^(?:0|[1-9]\d{0,4})$/;
const isPort = (text: string): boolean => PORT.test(text) && Number(text) <= 65_535;

const sourceOfLine = (line: string): string | null | undefined => {
  const [family, source = '', target = '', sourcePort = '', targetPort = '', ...more] = line.split(' ');
  if (family === 'UNKNOWN') return null;
  const isAddress = family === 'TCP4' ? isIPv4 : isIPv6;
  const isValid =
    (family === 'TCP4' || family === 'TCP6') &&
    [source, target].every((address) => isAddress(address) && !address.includes('%')) &&
    [sourcePort, targetPort].every(isPort) &&
    more.length === 0;
  return isValid ? canonicalAddress(source) : undefined;
};

const readV1 = (bytes: Buffer): ProxyHeader => {
  const end = bytes.indexOf('\r\n');
  if (end < 0 || end + 2 > MAX_V1_LENGTH)
    return end < 0 && bytes.length < MAX_V1_LENGTH ? INCOMPLETE : invalid('a header of version 1 without its end');
  const source = sourceOfLine(bytes.toString('latin1', V1.length, end));
  return source === undefined ? invalid('an invalid header of version 1') : { is: 'read', length: end + 2, source };
};

const addressOf = (bytes: Buffer): string | null => {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(2 * at).toString(16));
  return canonicalAddress(groups.join(':'));
};

const LOCAL = 0x20;
const PROXIED = 0x21;
/** Lengths of an address, by family and protocol: TCP over IPv4 and IPv6. */
const ADDRESS_LENGTHS: Readonly<Record<number, number>> = { 17: 4, 33: 16 };
/** Families without an IP address: unspecified, and a stream over a Unix socket. */
const WITHOUT_ADDRESS: ReadonlySet<number> = new Set([0x00, 0x31]);

const readV2 = (bytes: Buffer): ProxyHeader => {
  if (bytes.length < V2_HEAD_LENGTH) return INCOMPLETE;
  const [command = 0, family = 0] = bytes.subarray(V2.length);
  const rest = bytes.readUInt16BE(14);
  const length = V2_HEAD_LENGTH + rest;
  if (command !== LOCAL && command !== PROXIED) return invalid('an unknown version or command');
  if (length > MAX_HEADER_LENGTH) return invalid(`a header of more than ${MAX_HEADER_LENGTH} bytes`);
  const size = ADDRESS_LENGTHS[family];
  if (command === PROXIED && size === undefined && !WITHOUT_ADDRESS.has(family)) return invalid('an unknown family');
  // Two addresses and two ports.
  if (command === PROXIED && size !== undefined && rest < 2 * size + 4)
    return invalid('a header without its addresses');
  if (bytes.length < length) return INCOMPLETE;
  const hasSource = command === PROXIED && size !== undefined;
  return {
    is: 'read',
    length,
    source: hasSource ? addressOf(bytes.subarray(V2_HEAD_LENGTH, V2_HEAD_LENGTH + size)) : null,
  };
};

const begins = (bytes: Buffer, signature: Buffer): boolean => {
  const length = Math.min(bytes.length, signature.length);
  return bytes.subarray(0, length).equals(signature.subarray(0, length));
};

/**
 * Reads a PROXY header of version 1 or 2 at the beginning of a connection
 * (https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt). Extensions of version 2 are skipped.
 */
export const readProxyHeader = (bytes: Buffer): ProxyHeader => {
  if (bytes.length === 0) return INCOMPLETE;
  if (begins(bytes, V2)) return readV2(bytes);
  if (begins(bytes, V1)) return bytes.length < V1.length ? INCOMPLETE : readV1(bytes);
  return invalid('no PROXY header');
};
