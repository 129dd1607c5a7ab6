import { isIP } from 'node:net';
import { quotedText } from '../../config/text.ts';

/** One address of an upstream. */
export interface Endpoint {
  /** Scheme `http:`, `https:`, `grpc:` or `grpcs:`. A path is prepended to the path of every call. */
  readonly url: URL;
  /** IP address from DNS, to connect to; the Host header and TLS keep the name. Null: the URL's own host. */
  readonly ip: string | null;
  /** Share of the calls relative to the other endpoints' weights. Default 1. */
  readonly weight: number;
  /** Maximum number of calls in flight; others go to other endpoints, or are refused. Default: no limit. */
  readonly max: number;
  /** Endpoints of a higher number receive the calls that those of lower numbers cannot carry. Default 0. */
  readonly priority: number;
  /** Endpoints in the gateway's own zone come before others of their priority. Default: none, ''. */
  readonly zone: string;
  /** Values by name, by which endpoints are grouped: `{ version: 'v2', region: 'eu' }`. Default: none. */
  readonly labels: Readonly<Record<string, string>>;
}

const NO_LABELS: Endpoint['labels'] = Object.freeze({});

/** Creates an endpoint at this URL, with defaults for missing options. */
export const endpointAt = (url: URL | string, options: Partial<Omit<Endpoint, 'url'>> = {}): Endpoint => ({
  url: typeof url === 'string' ? new URL(url) : url,
  ip: null,
  weight: 1,
  max: Number.POSITIVE_INFINITY,
  priority: 0,
  zone: '',
  labels: NO_LABELS,
  ...options,
});

/** Entry of an endpoint list: an address, or a name that is resolved to many (`by: 'dns'`). */
export interface EndpointSource {
  readonly endpoint: Endpoint;
  readonly by: 'address' | 'dns';
}

/** Schemes by protocol. */
export const SCHEMES = {
  rest: ['http:', 'https:'],
  grpc: ['grpc:', 'grpcs:'],
  graphql: ['http:', 'https:'],
} as const;

/** Address of an endpoint for operators: never with credentials, path or query. */
export const addressOf = ({ url, ip = null }: Pick<Endpoint, 'url'> & Partial<Pick<Endpoint, 'ip'>>): string => {
  if (ip === null) return `${url.protocol}//${url.host}`;
  const host = ip.includes(':') ? `[${ip}]` : ip;
  return `${url.protocol}//${host}${url.port === '' ? '' : `:${url.port}`}`;
};

/** Its port, or the default port of its scheme. */
export const portOf = ({ url }: Endpoint): number => {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' || url.protocol === 'grpcs:' ? 443 : 80;
};

/** Priority of `backup`: after every priority that can be set as a number. */
export const BACKUP_PRIORITY = 100;

interface OptionText {
  readonly value: string;
  /** The value as shown in a message. */
  readonly shown: string;
}

const wholeNumber = ({ value, shown }: OptionText, option: string, from: number, to: number): number => {
  const number = /^(0|[1-9]\d{0,8})$/.test(value) ? Number(value) : Number.NaN;
  if (number >= from && number <= to) return number;
  const range = to === MAX_NUMBER ? `from ${from}` : `from ${from} to ${to}`;
  throw new Error(`${option} must be a whole number ${range}, not ${shown}`);
};

const MAX_NUMBER = 999_999_999;
/** A zone, and a name or value of a label. */
const NAME = /^[\w.-]{1,64}$/;
const MAX_LABELS = 16;

const zoneName = ({ value, shown }: OptionText): string => {
  if (!NAME.test(value)) throw new Error(`zone must be a name such as eu-west-1a, not ${shown}`);
  return value;
};

const labelsIn = ({ value, shown }: OptionText): Endpoint['labels'] => {
  const labels = value.split('+').map((label) => label.split(':'));
  const isValid = labels.every((label) => label.length === 2 && label.every((part) => NAME.test(part)));
  const read = Object.fromEntries(labels.map(([name = '', given = '']) => [name, given]));
  if (!isValid || Object.keys(read).length !== labels.length || labels.length > MAX_LABELS)
    throw new Error(
      `labels must be at most ${MAX_LABELS} pairs such as version:v2+tier:gold, each name once, not ${shown}`,
    );
  return read;
};

/** Options of an address, each with a parser that returns the property to set. */
const OPTIONS: Readonly<Record<string, (text: OptionText) => Partial<Endpoint>>> = {
  weight: (text) => ({ weight: wholeNumber(text, 'weight', 1, MAX_NUMBER) }),
  max: (text) => ({ max: wholeNumber(text, 'max', 1, MAX_NUMBER) }),
  priority: (text) => ({ priority: wholeNumber(text, 'priority', 0, BACKUP_PRIORITY - 1) }),
  zone: (text) => ({ zone: zoneName(text) }),
  labels: (text) => ({ labels: labelsIn(text) }),
  backup: ({ value, shown }) => {
    if (value !== '') throw new Error(`backup takes no value, not ${shown}`);
    return { priority: BACKUP_PRIORITY };
  },
};

const parseOptions = (options: readonly string[], whole: string): Partial<Endpoint> => {
  let read: Partial<Endpoint> = {};
  for (const option of options) {
    const [name = '', ...rest] = option.split('=');
    const parse = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
    if (parse === undefined)
      throw new Error(
        `${quotedText(name, whole)} is not an option of an endpoint (${Object.keys(OPTIONS).join(', ')} are)`,
      );
    const value = rest.join('=');
    const set = parse({ value, shown: quotedText(value, whole) });
    for (const property of Object.keys(set))
      if (Object.hasOwn(read, property)) throw new Error(`${name} contradicts an earlier option`);
    read = { ...read, ...set };
  }
  return read;
};

const urlOf = (address: string, protocol: keyof typeof SCHEMES, whole: string): URL => {
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

const parseOne = (text: string, protocol: keyof typeof SCHEMES, whole: string): EndpointSource => {
  const [address = '', ...options] = text.split(';').map((part) => part.trim());
  const isName = address.startsWith(BY_DNS);
  const url = urlOf(isName ? address.slice(BY_DNS.length) : address, protocol, whole);
  const endpoint = endpointAt(url, parseOptions(options, whole));
  const by = isName && isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0 ? 'dns' : 'address';
  return { endpoint, by };
};

/** Rejects duplicate addresses with different options. */
const refuseContradictions = (sources: readonly EndpointSource[]): void => {
  const optionsBySource = new Map<string, string>();
  for (const { by, endpoint } of sources) {
    const { url, ip: _, max, ...options } = endpoint;
    const source = `${by} ${url.href}`;
    const text = JSON.stringify({ ...options, max: String(max) });
    if ((optionsBySource.get(source) ?? text) !== text)
      throw new Error(`"${addressOf({ url })}" is listed twice with different options`);
    optionsBySource.set(source, text);
  }
};

/**
 * Parses a comma-separated list, each address with options after `;`:
 * `http://a:8080,http://b:8080/base;weight=2;max=500`. `dns+http://name:8080` stands for every address that the name
 * resolves to, now and later.
 *
 * @throws Error with the invalid part and its fix.
 */
export const parseEndpoints = (text: string, protocol: keyof typeof SCHEMES): readonly EndpointSource[] => {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.every((part) => part === '')) throw new Error('needs at least one address');
  const sources = parts.filter((part) => part !== '').map((part) => parseOne(part, protocol, text));
  refuseContradictions(sources);
  return sources;
};
