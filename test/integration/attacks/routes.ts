/** One attack on a pass-through route: the bytes of a request, and the status that it is refused with. */
export interface RouteAttack {
  readonly title: string;
  readonly bytes: string | Buffer;
  readonly status: number;
}

const CRLF = '\r\n';

const head = (line: string, headers: readonly string[] = [], body = ''): string =>
  [line, 'host: gateway.test', ...headers, '', body].join(CRLF);

const get = (target: string, headers: readonly string[] = []): string => head(`GET ${target} HTTP/1.1`, headers);

const post = (headers: readonly string[], body: string, target = '/uploads'): string =>
  head(`POST ${target} HTTP/1.1`, headers, body);

const refusedPath = (target: string, status = 400): RouteAttack => ({
  title: `the path ${JSON.stringify(target)}`,
  bytes: get(target),
  status,
});

/** Request smuggling: bytes of which two servers might make different requests. */
const smuggling: readonly RouteAttack[] = [
  ['Content-Length and Transfer-Encoding', ['content-length: 5', 'transfer-encoding: chunked'], '0\r\n\r\nGET /admin'],
  ['Transfer-Encoding and Content-Length', ['transfer-encoding: chunked', 'content-length: 5'], '0\r\n\r\nx'],
  ['two Content-Lengths', ['content-length: 1', 'content-length: 2'], 'ab'],
  ['a Content-Length with a sign', ['content-length: +5'], 'hello'],
  ['a negative Content-Length', ['content-length: -1'], ''],
  ['a Content-Length in hexadecimal', ['content-length: 0x5'], 'hello'],
  ['a list of Content-Lengths', ['content-length: 5, 5'], 'hello'],
  ['a space in front of a colon', ['transfer-encoding : chunked'], '0\r\n\r\n'],
  ['a folded Transfer-Encoding', ['transfer-encoding:', ' chunked'], '0\r\n\r\n'],
  ['a vertical tab in Transfer-Encoding', ['transfer-encoding: \x0bchunked'], '0\r\n\r\n'],
  ['chunked twice', ['transfer-encoding: chunked, chunked'], '0\r\n\r\n'],
  ['chunked before another coding', ['transfer-encoding: chunked, gzip'], '0\r\n\r\n'],
  ['gzip and chunked', ['transfer-encoding: gzip, chunked'], '0\r\n\r\n'],
  ['identity', ['transfer-encoding: identity'], ''],
  ['two Transfer-Encodings', ['transfer-encoding: chunked', 'transfer-encoding: identity'], '0\r\n\r\n'],
  ['a chunk size that is no number', ['transfer-encoding: chunked'], 'zz\r\nhello\r\n0\r\n\r\n'],
  ['a chunk size of 17 digits', ['transfer-encoding: chunked'], 'fffffffffffffffff\r\nx'],
  ['a chunk that ends in a line feed', ['transfer-encoding: chunked'], '5\nhello\r\n0\r\n\r\n'],
  ['a trailer', ['transfer-encoding: chunked', 'trailer: authorization'], '0\r\nauthorization: Bearer x\r\n\r\n'],
  ['a Connection that lists Content-Length', ['content-length: 1', 'connection: close, content-length'], 'a'],
  ['a Connection that lists Content-Type', ['content-length: 1', 'connection: content-type'], 'a'],
  ['a Connection that lists X-Forwarded-For', ['content-length: 1', 'connection: x-forwarded-for'], 'a'],
].map(([title, headers, body]) => ({
  title: String(title),
  bytes: post(headers as string[], String(body)),
  status: title === 'gzip and chunked' ? 501 : 400,
}));

const bodies: readonly RouteAttack[] = [
  { title: 'a GET with a body', bytes: head('GET /files/1 HTTP/1.1', ['content-length: 5'], 'hello'), status: 400 },
  {
    title: 'a GET with chunks',
    bytes: head('GET /files/1 HTTP/1.1', ['transfer-encoding: chunked'], '0\r\n\r\n'),
    status: 400,
  },
  {
    title: 'Transfer-Encoding in HTTP/1.0',
    bytes: head('POST /uploads HTTP/1.0', ['transfer-encoding: chunked'], '0\r\n\r\n'),
    status: 400,
  },
  {
    title: 'a body above the limit',
    bytes: head('PUT /small HTTP/1.1', ['content-length: 11'], 'x'.repeat(11)),
    status: 413,
  },
  {
    title: 'a body above the limit that waits for 100',
    bytes: head('PUT /small HTTP/1.1', ['content-length: 11', 'expect: 100-continue']),
    status: 413,
  },
  {
    title: 'a GET with a body that waits for 100',
    bytes: head('GET /files/1 HTTP/1.1', ['content-length: 5', 'expect: 100-continue']),
    status: 400,
  },
  {
    title: 'chunks above the limit',
    bytes: head('PUT /small HTTP/1.1', ['transfer-encoding: chunked'], 'b\r\nxxxxxxxxxxx\r\n0\r\n\r\n'),
    status: 413,
  },
  {
    title: 'two Content-Types',
    bytes: post(['content-length: 1', 'content-type: a/b', 'content-type: c/d'], 'a'),
    status: 400,
  },
  { title: 'HTTP/2 by prior knowledge', bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', status: 505 },
];

/** Paths that servers read in different ways. */
const traversal: readonly RouteAttack[] = [
  ...[
    '/files/../admin',
    '/files/./x',
    '/files/%2e%2e',
    '/files/%2E%2E/x',
    '/files/.%2e/x',
    '/static/..',
    '/static/a/../../b',
  ],
  ...[
    '/files/a%2fb',
    '/files/%2F',
    '/static/a%2f..%2fb',
    '/files/a%5cb',
    '/files/..%5c..%5cx',
    '/files/a\\b',
    '/static/..\\x',
  ],
  ...[
    '/files/%00',
    '/files/a%00.txt',
    '/files/%0d%0aset-cookie:x',
    '/files/%7f',
    '/files/%252e%252e',
    '/static/%252f',
    '/files/%25%32%66',
  ],
  ...[
    '/static/..;/admin',
    '/static/.;x=1/a',
    '/static/%2e%2e;/a',
    '/static/..%3b/a',
    '/static//a',
    '//files/1',
    '/static/a//b',
    '/files/;',
  ],
  ...[
    '/files/%c0%ae%c0%ae',
    '/files/%c0%af',
    '/files/%ff',
    '/files/%ef%bc%8f',
    '/static/%ef%bc%8e%ef%bc%8e/a',
    '/files/%',
    '/files/%1',
    '/files/%zz',
  ],
  ...['/files/a|b', '/files/"a"', '/files/<a>', '/files/{id}', '/files/a^b', '/files/1#frag', '/files/1?a=1#frag'],
].map((target) => refusedPath(target));

const headerInjection: readonly RouteAttack[] = [
  { title: 'a bare carriage return in a header', bytes: get('/files/1', ['accept: a\rx-evil: 1']), status: 400 },
  { title: 'a null byte in a header', bytes: get('/files/1', ['accept: a\0b']), status: 400 },
  {
    title: 'bytes above ASCII in a header',
    bytes: Buffer.from(get('/files/1', ['accept: caf\xe9']), 'latin1'),
    status: 400,
  },
  { title: 'a name with a space', bytes: get('/files/1', ['x evil: 1']), status: 400 },
  { title: 'an empty name', bytes: get('/files/1', [': 1']), status: 400 },
  { title: 'a space in the target', bytes: get('/files/1 x'), status: 505 },
  { title: 'a tab in the target', bytes: get('/files/\t1'), status: 400 },
  {
    title: '101 headers',
    bytes: get(
      '/files/1',
      Array.from({ length: 101 }, (_, n) => `x-${n}: 1`),
    ),
    status: 431,
  },
];

const hostConfusion: readonly RouteAttack[] = [
  { title: 'two hosts', bytes: get('/files/1', ['host: evil.test']), status: 400 },
  { title: 'no host', bytes: 'GET /files/1 HTTP/1.1\r\n\r\n', status: 400 },
  { title: 'a host with a path', bytes: 'GET /files/1 HTTP/1.1\r\nhost: a/b\r\n\r\n', status: 400 },
  { title: 'a host with a user', bytes: 'GET /files/1 HTTP/1.1\r\nhost: a@b\r\n\r\n', status: 400 },
  { title: 'an absolute URL', bytes: get('http://evil.test/files/1'), status: 400 },
  { title: 'an absolute URL with a user', bytes: get('http://gateway.test@evil.test/files/1'), status: 400 },
  { title: 'the form of CONNECT', bytes: get('evil.test:80'), status: 400 },
  { title: 'a CONNECT', bytes: head('CONNECT /files/1 HTTP/1.1'), status: 501 },
  { title: 'a TRACE', bytes: head('TRACE /files/1 HTTP/1.1'), status: 405 },
  { title: 'a method in lower case', bytes: head('get /files/1 HTTP/1.1'), status: 400 },
];

export const routeAttacks: readonly RouteAttack[] = [
  ...smuggling,
  ...bodies,
  ...traversal,
  ...headerInjection,
  ...hostConfusion,
];
