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
  /** Name of the source that listed it. Default: the list of the configuration, `list`. */
  readonly source: string;
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
  source: 'list',
  ...options,
});

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

/** Host name of its URL, without the brackets of an IPv6 address. */
export const hostNameOf = ({ url }: Pick<Endpoint, 'url'>): string => url.hostname.replace(/^\[|\]$/g, '');

/** Its port, or the default port of its scheme. */
export const portOf = ({ url }: Endpoint): number => {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' || url.protocol === 'grpcs:' ? 443 : 80;
};

/** Priority of `backup`: after every priority that can be set as a number. */
export const BACKUP_PRIORITY = 100;
