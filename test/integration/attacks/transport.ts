import { bodiless, post } from '../../support/http/raw-http.ts';
import { type Attack, answered, refused } from './attack.ts';
import { asked, CHUNKED, chunk, END, get, HELLO, head, lengthOf, many, PREFLIGHTED, padded, WORLD } from './http.ts';
import { MAX_BODY_BYTES } from './rig.ts';

const tooLarge = { status: 413, code: 'REQUEST_TOO_LARGE', closes: true } as const;
const headersTooLarge = { status: 431, code: 'REQUEST_TOO_LARGE', closes: true } as const;
const wrongMethod = { status: 405, code: 'METHOD_NOT_ALLOWED', headers: { allow: 'GET, POST' } } as const;
const noMutation = { status: 405, code: 'METHOD_NOT_ALLOWED', headers: { allow: 'POST' } } as const;
const nowhere = { status: 404, code: 'NOT_FOUND' } as const;
const closes = { closes: true } as const;
const otherVersion = { status: 505, closes: true } as const;
const inOneChunk = chunk(HELLO) + END;
const oldHttp = (bytes: string): string => bytes.replace('HTTP/1.1', 'HTTP/1.0');
const MUTATION = 'mutation { count(by: 1) }';

const known: readonly Attack[] = [
  refused(13, 'a compressed body', head(['content-encoding: gzip', 'content-length: 9000']), {
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
    headers: { 'accept-encoding': 'identity' },
  }),
  refused(14, 'a body one byte over the limit', post(padded(MAX_BODY_BYTES + 1)), tooLarge),
  refused(
    14,
    'a Content-Length over the limit, and no body',
    head([`content-length: ${MAX_BODY_BYTES + 1}`]),
    tooLarge,
  ),
  refused(14, 'endless chunks', head([CHUNKED], chunk('x'.repeat(1_000)).repeat(200)), tooLarge),
  answered(14, 'a body exactly at the limit', post(padded()), WORLD),
  refused(15, 'a header of 100 KB', bodiless('GET', '/graphql', { 'x-long': 'x'.repeat(100_000) }), headersTooLarge),
  refused(15, '200 headers', bodiless('GET', '/graphql', many(200)), { status: 431, code: 'REQUEST_TOO_LARGE' }),
  refused(16, 'a URL of 17 KB', get({ query: `{ hello } #${'x'.repeat(17_000)}` }), headersTooLarge),
  refused(19, 'a mutation by GET', get({ query: MUTATION }), noMutation),
  ...['PUT', 'DELETE', 'PATCH', 'TRACE', 'OPTIONS', 'PROPFIND', 'QUERY'].map((method) =>
    refused(21, method, bodiless(method, '/graphql'), wrongMethod),
  ),
  refused(21, 'PUT with a query', post(HELLO).replace('POST', 'PUT'), wrongMethod),
  refused(22, 'Transfer-Encoding and Content-Length', head(['content-length: 5', CHUNKED], END), closes),
  refused(22, 'two Content-Lengths', head(['content-length: 5', 'content-length: 6'], '123456'), closes),
  refused(22, 'a folded header', head(['x-a: b', ' c', 'content-length: 0']), closes),
  refused(22, 'bare line feeds', 'GET /graphql HTTP/1.1\nhost: a\n\n', closes),
  refused(22, 'one bare line feed', 'GET /graphql HTTP/1.1\r\nhost: a\nx-b: c\r\n\r\n', closes),
  refused(22, 'a chunk size that is not a number', head([CHUNKED], 'zz\r\n\r\n'), closes),
  refused(22, 'no Host', 'GET /graphql HTTP/1.1\r\n\r\n'),
  refused(22, 'TLS on a plain port', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00]), closes),
  refused(22, 'an unsupported Expect', post(HELLO, { expect: 'a miracle' }), { status: 417, closes: true }),
  refused(22, 'a path that cannot be decoded', bodiless('GET', '/%zz')),
  refused(24, 'another path', bodiless('GET', '/graphql/'), nowhere),
  refused(
    24,
    'Host and X-Forwarded-Host do not appear in the answer',
    post('{', { host: 'evil.test', 'x-forwarded-host': 'worse.test' }),
  ),
  ...['/metrics', '/health', '/graphiql', '/.env', '/', '/.well-known/apollo/server-health'].map((path) =>
    refused(88, `${path} on the public port`, bodiless('GET', path, { accept: 'text/html' }), nowhere),
  ),
  refused(88, 'the landing page', bodiless('GET', '/graphql?query={plain}', { accept: 'text/html' }), { status: 406 }),
];

const chunks: readonly Attack[] = [
  answered('next', 'a chunk with a small extension', head([CHUNKED], chunk(HELLO, ';a=b') + END), WORLD),
  refused(
    'next',
    'a chunk with an extension of 17 KB',
    head([CHUNKED], chunk(HELLO, `;a=${'x'.repeat(17_000)}`) + END),
    tooLarge,
  ),
  refused('next', 'a line feed in an extension', head([CHUNKED], chunk(HELLO, ';a\nb') + END), closes),
  refused('next', 'a chunk size that ends in a bare line feed', head([CHUNKED], inOneChunk.replace('\r', '')), closes),
  ...['0x15', '+15', '-1', 'ffffffffffffffff1', ' 15'].map((size) =>
    refused('next', `the chunk size ${size}`, head([CHUNKED], `${size}\r\n${HELLO}\r\n${END}`), closes),
  ),
  answered(
    'next',
    'a token in a trailer is ignored',
    head([CHUNKED], `${chunk('{"query":"{ plain }"}')}0\r\nauthorization: Bearer eve\r\nx-tenant: evil\r\n\r\n`),
    { plain: 'ok' },
    ([call]) => {
      if (call?.headers.authorization !== undefined) throw new Error('the token of a trailer was forwarded');
    },
  ),
  refused(
    'next',
    'trailers of 20 KB',
    head([CHUNKED], `${chunk(HELLO)}0\r\nx-a: ${'b'.repeat(20_000)}\r\n\r\n`),
    headersTooLarge,
  ),
];

const framing: readonly Attack[] = [
  refused('next', 'a repeated Content-Length', head([lengthOf(HELLO), lengthOf(HELLO)], HELLO), closes),
  ...['21, 21', '+21', '-1', '0x15', '2.1e1', '', '99999999999999999999999'].map((length) =>
    refused('next', `Content-Length "${length}"`, head([`content-length: ${length}`], HELLO), closes),
  ),
  refused('next', 'a space before the colon of Content-Length', head([`content-length : 21`], HELLO), closes),
  refused('next', 'Transfer-Encoding before Content-Length', head([CHUNKED, lengthOf(HELLO)], inOneChunk), closes),
  refused('next', 'a repeated Transfer-Encoding', head([CHUNKED, CHUNKED], inOneChunk), closes),
  refused('next', 'a folded Transfer-Encoding', head(['transfer-encoding:\r\n chunked'], inOneChunk), closes),
  ...['identity', 'xchunked', 'chunked, identity', '\x0bchunked'].map((coding) =>
    refused(
      'next',
      `Transfer-Encoding ${JSON.stringify(coding)}`,
      head([`transfer-encoding: ${coding}`], inOneChunk),
      closes,
    ),
  ),
  refused('next', 'Transfer-Encoding gzip, chunked', head(['transfer-encoding: gzip, chunked'], inOneChunk), {
    status: 501,
    closes: true,
  }),
  refused(
    'next',
    'Transfer-Encoding in HTTP/1.0',
    oldHttp(head([CHUNKED, 'connection: keep-alive'], inOneChunk)),
    closes,
  ),
];

const heads: readonly Attack[] = [
  refused('next', 'two Hosts', head(['host: evil.test', lengthOf(HELLO)], HELLO)),
  ...['a b', 'a/../b', 'user@evil.test', 'a:b', '[::1', 'a, b'].map((host) =>
    refused('next', `the Host ${host}`, post(HELLO, { host })),
  ),
  answered('next', 'a URL with another host', post(HELLO).replace('/graphql', 'http://169.254.169.254/graphql'), WORLD),
  refused('next', 'a URL without a path', bodiless('GET', 'http://evil.test'), nowhere),
  refused('next', 'OPTIONS *', bodiless('OPTIONS', '*'), nowhere),
  answered('next', 'HTTP/1.0 is answered and closed', oldHttp(post(HELLO)), WORLD),
  refused('next', 'HTTP/2.0 in a request line', post(HELLO).replace('HTTP/1.1', 'HTTP/2.0'), {
    status: 505,
    closes: true,
  }),
  refused('next', 'HTTP/1.2', post(HELLO).replace('HTTP/1.1', 'HTTP/1.2'), otherVersion),
  refused('next', 'a request line without a version', 'GET /graphql\r\n\r\n', { status: 505, closes: true }),
  refused('next', 'HTTP/2 without negotiation', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', otherVersion),
  answered(
    'next',
    'an upgrade to HTTP/2',
    post(HELLO, { connection: 'upgrade, http2-settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQAAP__' }),
    WORLD,
  ),
  refused(
    'next',
    'an upgrade to a WebSocket',
    bodiless('GET', '/graphql', {
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'x3JJHMbDL1EzLkh9GBhXDw==',
      ...PREFLIGHTED,
    }),
  ),
  ...['x-a: a\0b', 'x\0a: b', 'x a: b', ': b', 'nocolon', 'x-a: a\rx-b: c', 'x-ä: b'].map((line) =>
    refused(
      'next',
      `the header line ${JSON.stringify(line)}`,
      Buffer.from(head([line, lengthOf(HELLO)], HELLO), 'latin1'),
      closes,
    ),
  ),
  refused('next', 'a folded first header', 'POST /graphql HTTP/1.1\r\n host: a\r\n\r\n', closes),
  refused('next', 'a tab in the request line', post(HELLO).replace('POST /', 'POST\t/'), closes),
  refused('next', 'a lower-case method', post(HELLO).replace('POST', 'post'), closes),
  answered(
    'next',
    'underscores instead of hyphens',
    head(['content_length: 5', 'transfer_encoding: chunked', lengthOf(HELLO)], HELLO),
    WORLD,
  ),
];

const addresses: readonly Attack[] = [
  ...[
    '/graphql%00',
    '//graphql',
    '/./graphql',
    '/x/../graphql',
    '/%2fgraphql',
    '/graphql;a=1',
    '/GRAPHQL',
    '/graphql\\',
  ].map((path) => refused('next', `the URL ${path}`, bodiless('GET', `${path}?query={hello}`, PREFLIGHTED), nowhere)),
  refused('next', 'a fragment in the URL', bodiless('GET', '/graphql#x?query={hello}', PREFLIGHTED)),
  refused(
    'next',
    'a byte above 127 in the URL',
    Buffer.from(bodiless('GET', '/graphql?query={hello}\xff', PREFLIGHTED), 'latin1'),
    closes,
  ),
  refused(
    75,
    '__proto__ as a nested parameter',
    bodiless('GET', '/graphql?__proto__[query]={hello}&constructor.prototype.query={hello}', PREFLIGHTED),
  ),
  refused(75, 'query as a list', bodiless('GET', '/graphql?query[]={hello}', PREFLIGHTED)),
  answered(
    75,
    '300 unknown parameters',
    bodiless('GET', `/graphql?${'__proto__[x]=1&'.repeat(300)}query={hello}`, PREFLIGHTED),
    WORLD,
  ),
  answered(
    'next',
    'variables of __proto__ by GET',
    get({ query: '{ hello }', variables: '{"__proto__":{"polluted":1}}' }),
    WORLD,
  ),
  refused(
    'next',
    'a mutation selected by operationName, by GET',
    get({ query: `query A { hello } mutation B { count(by: 1) }`, operationName: 'B' }),
    noMutation,
  ),
  refused(
    'next',
    'a GET with a method override',
    get({ query: MUTATION }, { ...PREFLIGHTED, 'x-http-method-override': 'POST' }),
    noMutation,
  ),
  answered(
    'next',
    'a GET with another query in its body',
    `${get({ query: '{ hello }' }, { ...PREFLIGHTED, 'content-type': 'application/json', 'content-length': '37' })}{"query":"mutation { count(by: 1) }"}`,
    WORLD,
  ),
  answered(
    'next',
    'a POST with another query in its URL',
    asked('{ hello }').replace('/graphql', '/graphql?query={nope}'),
    WORLD,
  ),
  refused('next', 'a POST with the query only in its URL', post('{}').replace('/graphql', '/graphql?query={hello}')),
];

/** Attacks with the connection, the request line and the framing of a request. */
export const transport: readonly Attack[] = [...known, ...chunks, ...framing, ...heads, ...addresses];
