import { isIPv6 } from 'node:net';
import type { RequestContext } from '../../request/request-context.ts';

/** The parts of a request that headers about its client are made of. */
export type ClientFacts = Pick<RequestContext, 'clientAddress' | 'connection'>;

/** RFC 7239, 4: a value that is no token is quoted. */
const quoted = (value: string): string => (/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(value) ? value : `"${value}"`);

/** `Forwarded` of RFC 7239, with the one hop that the gateway knows. */
const forwardedElement = ({ clientAddress, connection }: ClientFacts): string => {
  const node = isIPv6(clientAddress) ? `[${clientAddress}]` : clientAddress;
  const parts = [`for=${quoted(node)}`];
  if (connection?.host) parts.push(`host=${quoted(connection.host)}`);
  parts.push(`proto=${connection?.scheme ?? 'http'}`);
  return parts.join(';');
};

/** The headers about the client that `forward.client` may name. Each returns its value; an empty one is not sent. */
export const CLIENT_HEADERS = {
  'x-forwarded-for': ({ clientAddress }) => clientAddress,
  'x-forwarded-proto': ({ connection }) => connection?.scheme ?? 'http',
  'x-forwarded-host': ({ connection }) => connection?.host ?? '',
  'x-real-ip': ({ clientAddress }) => clientAddress,
  forwarded: forwardedElement,
} as const satisfies Readonly<Record<string, (facts: ClientFacts) => string>>;

export type ClientHeader = keyof typeof CLIENT_HEADERS;

export const CLIENT_HEADER_NAMES = Object.keys(CLIENT_HEADERS) as readonly ClientHeader[];
