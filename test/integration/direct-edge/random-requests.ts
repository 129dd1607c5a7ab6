import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { TestIssuer } from '../../support/auth/issuer.ts';

/** Event that ends a request with a slow operation. */
export type Ending = 'answer' | 'deadline' | 'disconnect';

/** The bytes of one request, and the events around it. */
export interface RandomRequest {
  readonly bytes: Buffer;
  /** Bytes that are sent first; the others follow when both gateways have received the head of the request. */
  readonly first: number;
  /** True to close the connection in place of the bytes after the first ones. */
  readonly isCut: boolean;
  readonly ending: Ending;
}

const weighted =
  (weight: number) =>
  <Value>(usual: Value, ...others: readonly Value[]): fc.Arbitrary<Value> =>
    fc.oneof({ arbitrary: fc.constant(usual), weight }, { arbitrary: fc.constantFrom(...others), weight: 1 });

/** The first value four times in five, otherwise one of the others. */
const often = weighted(4);
/** For values that make a request unusual. */
const mostly = weighted(30);

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

interface Params {
  readonly query?: unknown;
  readonly operationName?: unknown;
  readonly variables?: unknown;
  readonly extensions?: unknown;
}

const persisted = (text: string, sha256Hash = hash(text)) => ({ persistedQuery: { version: 1, sha256Hash } });

const ECHO = 'query Echo($text: String!) { echo(text: $text) }';
const TWO = 'query A { hello } query B { kept }';
const LONG = 'query Long($times: Int!) { long(times: $times) }';

const params: fc.Arbitrary<Params> = fc.oneof(
  fc.constantFrom<Params>(
    { query: '{ hello }' },
    { query: '{ __typename }' },
    { query: 'query Level { level }' },
    { query: '{ kept }' },
    { query: '{ kept own }' },
    { query: '{ limited }' },
    { query: 'query Broken { broken hello }' },
    { query: '{ needed }' },
    { query: 'mutation M { reserve }' },
    { query: '{ slow }' },
    { query: '{ nope }' },
    { query: '{ hello' },
    { query: '{ __schema { queryType { name } } }' },
    { query: 'subscription { hello }' },
    { query: '{ hello }', extensions: persisted('{ hello }') },
    { query: '{ hello }', extensions: persisted('{ hello }', hash('x')) },
    { extensions: persisted('{ hello }') },
    { extensions: persisted('{ never }') },
    { query: '{ hello }', extensions: { clientLibrary: { name: 'test' } } },
    { query: '' },
    {},
  ),
  fc.record({ query: fc.constant(TWO), operationName: fc.constantFrom('A', 'B', 'C', '', null) }),
  fc.record({
    query: fc.constant(ECHO),
    variables: fc.oneof(
      fc.record({ text: fc.string({ maxLength: 20 }) }),
      fc.constantFrom<unknown>({}, { text: 1 }, { text: null }, null, [], 'x', { text: 'a', more: [{}] }),
    ),
  }),
  fc.record({
    query: fc.constant(LONG),
    variables: fc.record({ times: fc.constantFrom(1, 204, 205, 1_000, 7_000, 20_000) }),
  }),
);

const bodies: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 12, arbitrary: params.map((fields) => Buffer.from(JSON.stringify(fields))) },
  // Several operations of a batch may end in another order on the other way.
  { weight: 2, arbitrary: params.map((fields) => Buffer.from(JSON.stringify([fields]))) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        ...[
          '',
          '{',
          'null',
          '[]',
          '[[{"query":"{ hello }"}]]',
          '[{"query":"{ hello }"},{"query":"{ hello }"},{"query":"{ hello }"}]',
          '"x"',
          '{"query":1e999}',
          '{"query":"{ hello }","query":1}',
        ],
        ...[
          `{"query":"{ hello }","variables":{"n":9007199254740993}}`,
          `{"query":"# ${'x'.repeat(25_000)}\\n{ hello }"}`,
        ],
        `{"query":"# ${'x'.repeat(9_000)}\\n{ hello }"}`,
      )
      .map((text) => Buffer.from(text)),
  },
  { weight: 1, arbitrary: fc.constant(Buffer.from('{"query":"{ hello }\xff"}', 'latin1')) },
);

type Lines = readonly string[];

const line = (name: string, value: string | null): Lines => (value === null ? [] : [`${name}: ${value}`]);

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7';

const header = (name: string, usual: string | null, ...others: readonly (string | null)[]): fc.Arbitrary<Lines> =>
  often(usual, ...others).map((value) => line(name, value));

const usualHeader = (name: string, usual: string | null, ...others: readonly (string | null)[]): fc.Arbitrary<Lines> =>
  mostly(usual, ...others).map((value) => line(name, value));

const tokensOf = (issuer: TestIssuer) => ({
  valid: [issuer.token(), issuer.token({ sub: 'c2', scope: 'a b' })].map((token) => `Bearer ${token}`),
  invalid: [
    `Bearer ${issuer.token({ exp: 1 })}`,
    `Bearer ${issuer.token({ iss: 'https://other.example' })}`,
    `Bearer ${issuer.token().slice(0, -4)}AAAA`,
    'Bearer x',
    'Basic eDp5',
    '',
  ],
});

const headersFor = (issuer: TestIssuer): fc.Arbitrary<Lines> => {
  const { valid, invalid } = tokensOf(issuer);
  return fc
    .tuple(
      mostly<Lines>(['host: gateway.test'], [], ['host: a', 'host: b'], ['host: <x>'], ['host: [::1]:80']),
      header('x-request-id', 'r-1', 'r.2', 'a b', ''),
      header(
        'accept',
        null,
        'application/json',
        '*/*',
        'application/graphql-response+json',
        'text/html',
        'image/png',
        'x;q',
      ),
      header('accept-encoding', null, 'gzip', 'br', 'gzip, deflate, br, zstd', 'identity', 'gzip;q=0', '*', 'x-gzip'),
      header('origin', null, 'https://shop.test', 'https://evil.test', 'null'),
      header('traceparent', null, `00-${TRACE}-01`, `00-${TRACE}-00`, `ff-${TRACE}-01`, 'x'),
      header('x-forwarded-for', '192.0.2.1', '192.0.2.2', '192.0.2.3, 127.0.0.1', 'unknown', null),
      fc.oneof(
        { weight: 6, arbitrary: fc.constant<Lines>([]) },
        { weight: 3, arbitrary: fc.constantFrom(...valid).map((token): Lines => [`authorization: ${token}`]) },
        { weight: 1, arbitrary: fc.constantFrom(...invalid).map((token): Lines => [`authorization: ${token}`]) },
        { weight: 1, arbitrary: fc.constant<Lines>([`authorization: ${valid[0]}`, `authorization: ${valid[1]}`]) },
      ),
      header('apollographql-client-name', null, 'web', ''),
      header('user-agent', null, 'test/1.0', 'x'.repeat(300)),
      header('apollo-require-preflight', null, 'true', ''),
      header('tributary-plan', null, 'show'),
      header('tributary-cost', null, 'show'),
      usualHeader('content-encoding', null, 'identity', 'gzip'),
      header('connection', null, 'close'),
      header('x-correlation-id', null, 'c-1'),
      header('forwarded', null, 'for=192.0.2.9;proto=https'),
      usualHeader('expect', null, '100-continue', 'magic'),
      header('cookie', null, 'a=b'),
    )
    .map((lines) => lines.flat());
};

const TYPES: readonly [string | null, ...(string | null)[]] = [
  'application/json',
  'application/json; charset=utf-8',
  'application/json; charset=latin1',
  'text/plain',
  null,
];

const chunked = (body: Buffer): Buffer =>
  Buffer.concat([
    ...(body.length === 0 ? [] : [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')]),
    Buffer.from('0\r\n\r\n'),
  ]);

const posts = (issuer: TestIssuer): fc.Arbitrary<Buffer> =>
  fc
    .record({
      method: mostly('POST', 'PUT', 'PATCH', 'GET'),
      target: mostly('/graphql', '/graphql?x=1', '/graphql/', '/nope', '/graphql#x', '/livez'),
      version: mostly('1.1', '1.0'),
      type: usualHeader('content-type', ...TYPES),
      twice: mostly(false, true),
      headers: headersFor(issuer),
      isChunked: mostly(false, true),
      body: bodies,
    })
    .map(({ method, target, version, type, twice, headers, isChunked, body }) => {
      const framing = isChunked ? 'transfer-encoding: chunked' : `content-length: ${body.length}`;
      const lines = [...headers, ...type, ...(twice ? type : []), framing];
      const head = `${method} ${target} HTTP/${version}\r\n${lines.join('\r\n')}\r\n\r\n`;
      return Buffer.concat([Buffer.from(head, 'latin1'), isChunked ? chunked(body) : body]);
    });

const searchOf = (fields: Params): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${encodeURIComponent(typeof value === 'string' ? value : JSON.stringify(value))}`)
    .join('&');

const gets = (issuer: TestIssuer): fc.Arbitrary<Buffer> =>
  fc
    .record({
      method: mostly('GET', 'HEAD', 'OPTIONS', 'DELETE'),
      search: fc.oneof(
        { weight: 8, arbitrary: params.map(searchOf) },
        {
          weight: 1,
          arbitrary: fc.constantFrom('', 'query=%7B', 'query={hello}&query=x', 'variables=x', '%', 'query=%ff'),
        },
      ),
      type: header('content-type', null, 'application/json'),
      preflight: header('access-control-request-method', null, 'POST'),
      headers: headersFor(issuer),
    })
    .map(({ method, search, type, preflight, headers }) => {
      // The response to HEAD has no body, so that its end is the end of the connection.
      const close = method === 'HEAD' ? ['connection: close'] : [];
      const lines = [...headers, 'x-apollo-operation-name: x', ...type, ...preflight, ...close];
      return Buffer.from(`${method} /graphql?${search} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1');
    });

/** Requests to /graphql: most are usual ones, every part is sometimes unusual. */
export const randomRequests = (issuer: TestIssuer): fc.Arbitrary<RandomRequest> =>
  fc
    .record({
      bytes: fc.oneof({ weight: 3, arbitrary: posts(issuer) }, { weight: 1, arbitrary: gets(issuer) }),
      part: often(1, 0.95, 0.99),
      isCut: often(false, true),
      ending: fc.constantFrom<Ending>('answer', 'deadline', 'disconnect'),
    })
    .map(({ bytes, part, isCut, ending }) => {
      const head = bytes.indexOf('\r\n\r\n') + 4;
      const first = Math.max(head, Math.floor(bytes.length * part));
      return { bytes, first, isCut: isCut && first < bytes.length, ending };
    });
