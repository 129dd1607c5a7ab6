import { isIP } from 'node:net';
import { isAbsolute } from 'node:path';
import { printableText, quotedText } from '../../config/text.ts';
import { addressOf, type Endpoint, endpointAt, hostNameOf, SCHEMES } from './endpoint.ts';
import { type EndpointOptions, parseOptions } from './endpoint-options.ts';

/** Protocol of an upstream. */
export type Protocol = keyof typeof SCHEMES;

/** Entry of an endpoint list: an address, or a source. */
export type EndpointEntry =
  /** For `dns` and `srv` the host is the name to resolve, and each endpoint has the options of this one. */
  | { readonly by: 'address' | 'dns' | 'srv'; readonly endpoint: Endpoint }
  | FileEntry
  | RegisteredEntry
  | KubernetesEntry;

/** The endpoints of a Kubernetes service. */
export interface KubernetesEntry {
  readonly by: 'kubernetes';
  readonly namespace: string;
  readonly service: string;
  /** Name of the port in the service, or the number on which the pods listen. */
  readonly port: string;
  /** Path of every endpoint; '' for none. */
  readonly path: string;
  readonly protocol: Protocol;
  /** Options of every endpoint, except for the zone of those with one. */
  readonly options: EndpointOptions;
}

/** Endpoints that register themselves. */
export interface RegisteredEntry {
  readonly by: 'registered';
  readonly protocol: Protocol;
  /** Options of endpoints without options of their own. */
  readonly options: EndpointOptions;
}

/** A file with endpoints. */
export interface FileEntry {
  readonly by: 'file';
  /** Absolute. */
  readonly path: string;
  readonly protocol: Protocol;
  /** Options of endpoints without options of their own. */
  readonly options: EndpointOptions;
}

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
const BY_FILE = 'file:';
const BY_REGISTRATION = 'registered:';
const BY_KUBERNETES = 'k8s:';
const KUBERNETES =
  /^k8s:\/\/(?<namespace>[a-z\d-]{1,63})\/(?<service>[a-z\d-]{1,63}):(?<port>[a-z\d-]{1,63})(?<path>\/[\w./~-]*)?$/;
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

const byFile = (path: string, whole: string): string => {
  if (!isAbsolute(path))
    throw new Error(`${quotedText(path, whole)} must be an absolute path, as in ${BY_FILE}/etc/tributary/orders.yaml`);
  return path;
};

const byKubernetes = (
  address: string,
  protocol: Protocol,
  options: EndpointOptions,
  whole: string,
): KubernetesEntry => {
  const { namespace, service, port, path = '' } = KUBERNETES.exec(address)?.groups ?? {};
  if (namespace === undefined || service === undefined || port === undefined)
    throw new Error(`${quotedText(address, whole)} must name a service and its port, as in k8s://shop/orders:http`);
  return { by: 'kubernetes', namespace, service, port, path, protocol, options };
};

const parseOne = (text: string, protocol: Protocol, whole: string): EndpointEntry => {
  const [address = '', ...rest] = text.split(';').map((part) => part.trim());
  if (address.startsWith(BY_FILE)) {
    const path = byFile(address.slice(BY_FILE.length), whole);
    return { by: 'file', path, protocol, options: parseOptions(rest, whole) };
  }
  if (address === BY_REGISTRATION) return { by: 'registered', protocol, options: parseOptions(rest, whole) };
  if (address.startsWith(BY_KUBERNETES)) return byKubernetes(address, protocol, parseOptions(rest, whole), whole);
  const entry = address.startsWith(BY_DNS)
    ? byDns(address.slice(BY_DNS.length), protocol, whole)
    : address.startsWith(BY_SRV)
      ? bySrv(address.slice(BY_SRV.length), protocol, whole)
      : ({ by: 'address', endpoint: endpointAt(parseUrl(address, protocol, whole)) } as const);
  return { ...entry, endpoint: { ...entry.endpoint, ...parseOptions(rest, whole) } };
};

/** Parses one address with its options, which precede `defaults`. @throws Error with the invalid part and its fix */
export const parseEndpoint = (text: string, protocol: Protocol, defaults: EndpointOptions): Endpoint => {
  const [address = '', ...options] = text.split(';').map((part) => part.trim());
  return endpointAt(parseUrl(address, protocol, text), { ...defaults, ...parseOptions(options, text) });
};

/** The address of an entry as configured, without options and credentials. */
export const entryName = (entry: EndpointEntry): string => {
  switch (entry.by) {
    case 'address':
      return addressOf(entry.endpoint);
    case 'dns':
    case 'srv':
      return `${entry.by}+${addressOf(entry.endpoint)}${entry.endpoint.url.pathname.replace(/\/$/, '')}`;
    case 'file':
      return `${BY_FILE}${entry.path}`;
    case 'registered':
      return BY_REGISTRATION;
    case 'kubernetes':
      return `k8s://${entry.namespace}/${entry.service}:${entry.port}${entry.path}`;
    default:
      return entry satisfies never;
  }
};

/** Text of the options of an entry: equal for equal options. */
const optionsText = (entry: EndpointEntry): string => {
  const { max, ...options } = 'options' in entry ? entry.options : { ...entry.endpoint, url: null, ip: null };
  return JSON.stringify({ ...options, max: String(max) });
};

/** Rejects duplicate addresses with different options. */
const refuseContradictions = (entries: readonly EndpointEntry[]): void => {
  const optionsByAddress = new Map<string, string>();
  for (const entry of entries) {
    const path = 'options' in entry ? '' : entry.endpoint.url.pathname.replace(/\/$/, '');
    const address = `${entryName(entry)}${path}`;
    const text = optionsText(entry);
    if ((optionsByAddress.get(address) ?? text) !== text)
      throw new Error(`"${printableText(entryName(entry))}" is listed twice with different options`);
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
