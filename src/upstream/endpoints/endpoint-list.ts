import { isIP } from 'node:net';
import { printableText, quotedText } from '../../config/text.ts';
import { addressOf, type Endpoint, endpointAt, hostNameOf, SCHEMES } from './endpoint.ts';
import { parseOptions } from './endpoint-options.ts';

/** Protocol of an upstream. */
export type Protocol = keyof typeof SCHEMES;

/**
 * Entry of an endpoint list: an address, or the address of a source. `endpoint` has the options of the entry. For
 * `dns` and `srv` its host is the name to resolve.
 */
export type EndpointEntry = { readonly by: 'address' | 'dns' | 'srv'; readonly endpoint: Endpoint };

/** Parses the URL of an endpoint. Messages do not repeat it if `whole` may hold a secret. @throws Error */
export const parseUrl = (address: string, protocol: Protocol, whole: string): URL => {
  // URL removes line breaks and encodes spaces: both are faults here.
  const url = URL.canParse(address) && !/\s/.test(address) ? new URL(address) : null;
  const schemes: readonly string[] = SCHEMES[protocol];
  if (url === null || url.hostname === '')
    throw new Error(`${quotedText(address, whole)} is not an address such as ${schemes[0]}//127.0.0.1:8080`);
  if (!schemes.includes(url.protocol))
    throw new Error(
      `"${url.protocol}//" is not for a ${protocol} upstream: use ${schemes.map((s) => `${s}//`).join(' or ')}`,
    );
  if (url.search !== '' || url.hash !== '') throw new Error(`"${addressOf({ url })}" must have no query or fragment`);
  if (url.username !== '' || url.password !== '')
    throw new Error(`"${url.protocol}//…@${url.host}" must not carry credentials`);
  return url;
};

const BY_DNS = 'dns+';
const BY_SRV = 'srv+';
/** Service, protocol and domain of an SRV record (RFC 2782). */
const SRV_NAME = /^_[\w-]+\._[\w-]+\.[\w.-]+$/;

const byDns = (address: string, protocol: Protocol, whole: string) => {
  const endpoint = endpointAt(parseUrl(address, protocol, whole));
  return { by: isIP(hostNameOf(endpoint)) === 0 ? 'dns' : 'address', endpoint } as const;
};

const bySrv = (address: string, protocol: Protocol, whole: string) => {
  const url = parseUrl(address, protocol, whole);
  const shown = printableText(`${BY_SRV}${addressOf({ url })}`);
  if (!SRV_NAME.test(url.hostname))
    throw new Error(`"${shown}" is not the name of a service such as ${BY_SRV}${url.protocol}//_orders._tcp.internal`);
  if (url.port !== '') throw new Error(`"${shown}" must have no port: SRV records have the ports`);
  return { by: 'srv', endpoint: endpointAt(url) } as const;
};

const parseAddress = (address: string, protocol: Protocol, whole: string): EndpointEntry => {
  if (address.startsWith(BY_DNS)) return byDns(address.slice(BY_DNS.length), protocol, whole);
  if (address.startsWith(BY_SRV)) return bySrv(address.slice(BY_SRV.length), protocol, whole);
  return { by: 'address', endpoint: endpointAt(parseUrl(address, protocol, whole)) };
};

const parseOne = (text: string, protocol: Protocol, whole: string): EndpointEntry => {
  const [address = '', ...options] = text.split(';').map((part) => part.trim());
  const entry = parseAddress(address, protocol, whole);
  return { ...entry, endpoint: { ...entry.endpoint, ...parseOptions(options, whole) } };
};

/** Rejects duplicate addresses with different options. */
const refuseContradictions = (entries: readonly EndpointEntry[]): void => {
  const optionsByAddress = new Map<string, string>();
  for (const { by, endpoint } of entries) {
    const { url, ip: _, max, ...options } = endpoint;
    const address = `${by} ${url.href}`;
    const text = JSON.stringify({ ...options, max: String(max) });
    if ((optionsByAddress.get(address) ?? text) !== text)
      throw new Error(`"${addressOf({ url })}" is listed twice with different options`);
    optionsByAddress.set(address, text);
  }
};

/**
 * Parses a comma-separated list, each address with options after `;`:
 * `http://a:8080,http://b:8080/base;weight=2;max=500`. `dns+http://name:8080` stands for every address that the name
 * resolves to, now and later; docs/discovery.md has the other sources.
 *
 * @throws Error with the invalid part and its fix.
 */
export const parseEndpoints = (text: string, protocol: Protocol): readonly EndpointEntry[] => {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.every((part) => part === '')) throw new Error('needs at least one address');
  const entries = parts.filter((part) => part !== '').map((part) => parseOne(part, protocol, text));
  refuseContradictions(entries);
  return entries;
};
