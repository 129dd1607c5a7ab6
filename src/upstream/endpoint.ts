/** One address of an upstream. */
export interface Endpoint {
  /** Scheme `http:`, `https:`, `grpc:` or `grpcs:`. The path, if any, is kept in front of every call's own. */
  readonly url: URL;
  /** Share of the calls beside the other endpoints' weights. Default 1. */
  readonly weight: number;
  /** Calls in flight at one time; more are sent elsewhere, or refused. Default: no limit. */
  readonly max: number;
}

/** Schemes by protocol. */
export const SCHEMES = { rest: ['http:', 'https:'], grpc: ['grpc:', 'grpcs:'] } as const;

/** Where an endpoint is, for operators: never with credentials, path or query. */
export const addressOf = (endpoint: Endpoint): string => `${endpoint.url.protocol}//${endpoint.url.host}`;

/** Its port, or the usual one of its scheme. */
export const portOf = ({ url }: Endpoint): number => {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' || url.protocol === 'grpcs:' ? 443 : 80;
};

const withoutCredentials = (address: string): string => address.replace(/\/\/.*@/, '//…@');

const positiveInteger = (text: string, option: string): number => {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${option} must be a whole number from 1, not "${text}"`);
  return Number(text);
};

const OPTIONS = ['weight', 'max'] as const;

const parseOptions = (options: readonly string[]) => {
  const read: { weight?: number; max?: number } = {};
  for (const option of options) {
    const [name, ...rest] = option.split('=');
    const known = OPTIONS.find((candidate) => candidate === name);
    if (known === undefined) throw new Error(`"${name}" is not an option of an endpoint (${OPTIONS.join(', ')} are)`);
    read[known] = positiveInteger(rest.join('='), known);
  }
  return read;
};

const parseOne = (text: string, protocol: keyof typeof SCHEMES): Endpoint => {
  const [address = '', ...options] = text.split(';').map((part) => part.trim());
  const url = URL.canParse(address) ? new URL(address) : null;
  const schemes: readonly string[] = SCHEMES[protocol];
  if (url === null || url.hostname === '')
    throw new Error(`"${withoutCredentials(address)}" is not an address such as ${schemes[0]}//127.0.0.1:8080`);
  if (!schemes.includes(url.protocol))
    throw new Error(
      `"${url.protocol}//" is not for a ${protocol} upstream: use ${schemes.map((s) => `${s}//`).join(' or ')}`,
    );
  if (url.search !== '' || url.hash !== '')
    throw new Error(`"${addressOf({ url, weight: 1, max: 1 })}" must have no query or fragment`);
  if (url.username !== '' || url.password !== '')
    throw new Error(`"${url.protocol}//…@${url.host}" must not carry credentials`);
  const { weight = 1, max = Number.POSITIVE_INFINITY } = parseOptions(options);
  return { url, weight, max };
};

/**
 * Reads a comma-separated list, each address with options after `;`: `http://a:8080,http://b:8080/base;weight=2;max=500`.
 *
 * @throws Error that says which part is wrong and what would be right.
 */
export const parseEndpoints = (text: string, protocol: keyof typeof SCHEMES): readonly Endpoint[] => {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.every((part) => part === '')) throw new Error('needs at least one address');
  return parts.filter((part) => part !== '').map((part) => parseOne(part, protocol));
};
