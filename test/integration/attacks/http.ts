import { bodiless, post } from '../../support/http/raw-http.ts';
import { MAX_BODY_BYTES } from './rig.ts';

type Headers = Readonly<Record<string, string>>;

export const HELLO = '{"query":"{ hello }"}';
export const WORLD = { hello: 'world' };

/** Header that distinguishes a GraphQL client from an HTML form (CSRF). */
export const PREFLIGHTED: Headers = { 'apollo-require-preflight': 'yes' };

export const get = (params: Headers, headers: Headers = PREFLIGHTED): string =>
  bodiless('GET', `/graphql?${new URLSearchParams(params)}`, headers);

export const json = (value: unknown, headers: Headers = {}): string => post(JSON.stringify(value), headers);

/** A query with these headers. */
export const asked = (query: string, headers: Headers = {}): string => json({ query }, headers);

/** A POST with these header lines. */
export const head = (lines: readonly string[], body = ''): string =>
  `${['POST /graphql HTTP/1.1', 'host: gateway.test', 'content-type: application/json', ...lines].join('\r\n')}\r\n\r\n${body}`;

export const lengthOf = (body: string | Buffer): string => `content-length: ${Buffer.byteLength(body)}`;

/** A POST of bytes that a JavaScript string cannot hold. */
export const binary = (body: Buffer): Buffer => Buffer.concat([Buffer.from(head([lengthOf(body)])), body]);

export const CHUNKED = 'transfer-encoding: chunked';
export const chunk = (text: string, extension = ''): string =>
  `${Buffer.byteLength(text).toString(16)}${extension}\r\n${text}\r\n`;
export const END = '0\r\n\r\n';

/** A query with a body of this length in bytes. */
export const padded = (bytes: number = MAX_BODY_BYTES): string => {
  const start = '{"query":"{ hello }","padding":"';
  return `${start}${'x'.repeat(bytes - start.length - 2)}"}`;
};

export const persisted = (persistedQuery: unknown, query?: string): string =>
  json({ query, extensions: { persistedQuery } });

export const many = (count: number): Headers =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`x-${n}`, '1']));
