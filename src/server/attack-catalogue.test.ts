import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorCode } from '../errors.ts';
import { type PublicRig, publicRig } from './test-support/public-rig.ts';
import { bodiless, exchange, parseAnswers, post, rawConnection } from './test-support/raw-http.ts';

interface Attack {
  readonly row: number;
  readonly input: string;
  readonly bytes: string | Buffer;
  readonly status: number;
  readonly code: ErrorCode;
  readonly headers?: Readonly<Record<string, string>>;
  readonly closes?: true;
}

const HELLO = '{"query":"{ hello }"}';
const PREFLIGHTED = { 'apollo-require-preflight': 'yes' };
const MAX_BODY = 10_000;

const get = (
  params: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = PREFLIGHTED,
): string => bodiless('GET', `/graphql?${new URLSearchParams(params)}`, headers);
const json = (value: unknown): string => post(JSON.stringify(value));
const head = (lines: readonly string[], body = ''): string =>
  `${['POST /graphql HTTP/1.1', 'host: gateway.test', 'content-type: application/json', ...lines].join('\r\n')}\r\n\r\n${body}`;
const chunked = (chunks: readonly string[]): string =>
  chunks.map((chunk) => `${Buffer.byteLength(chunk).toString(16)}\r\n${chunk}\r\n`).join('');
const padded = (bytes: number): string => {
  const start = '{"query":"{ hello }","padding":"';
  return `${start}${'x'.repeat(bytes - start.length - 2)}"}`;
};
const persisted = (persistedQuery: unknown, query?: string): string => json({ query, extensions: { persistedQuery } });
const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`x-${n}`, '1']));

const refused = (row: number, input: string, bytes: string | Buffer, more: Partial<Attack> = {}): Attack => ({
  row,
  input,
  bytes,
  status: 400,
  code: 'BAD_REQUEST',
  ...more,
});
const unsupported = { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' } as const;
const tooLarge = { status: 413, code: 'REQUEST_TOO_LARGE', closes: true } as const;
const unresolved = { code: 'OPERATION_RESOLUTION_FAILURE' } as const;
const wrongMethod = { status: 405, code: 'METHOD_NOT_ALLOWED', headers: { allow: 'GET, POST' } } as const;

const attacks: readonly Attack[] = [
  refused(1, 'a POST with an empty body', post('')),
  refused(1, 'a POST with neither body nor type', bodiless('POST', '/graphql', { 'content-length': '0' })),
  refused(2, 'half a JSON object', post('{"query":')),
  refused(
    2,
    'a body that is not UTF-8',
    Buffer.from(post('{"query":"{ hello }\xff"}', { 'content-length': '22' }), 'latin1'),
  ),
  ...['5', '"x"', 'null'].map((body) => refused(3, `the body ${body}`, post(body))),
  refused(4, 'an empty batch', post('[]')),
  refused(4, 'a batch', post(`[${HELLO},${HELLO}]`)),
  ...[5, ['{ hello }'], { kind: 'Document' }, true].map((query) =>
    refused(5, `the query ${JSON.stringify(query)}`, json({ query })),
  ),
  refused(6, 'no query', json({ variables: {} })),
  refused(6, 'an empty query', json({ query: '' })),
  ...['{}', 5, []].map((variables) =>
    refused(7, `variables ${JSON.stringify(variables)}`, json({ query: '{ hello }', variables })),
  ),
  refused(8, 'a number for operationName', json({ query: '{ hello }', operationName: 5 })),
  refused(8, 'a list for extensions', json({ query: '{ hello }', extensions: [] })),
  refused(8, 'a persisted query that is text', persisted('x')),
  refused(8, 'a persisted query whose hash is an object', persisted({ version: 1, sha256Hash: {} })),
  refused(8, 'a persisted query of version 2', persisted({ version: 2, sha256Hash: 'a'.repeat(64) })),
  refused(8, 'a hash of another query', persisted({ version: 1, sha256Hash: 'a'.repeat(64) }, '{ hello }')),
  refused(9, 'an unknown operationName', json({ query: 'query A { hello }', operationName: 'B' }), unresolved),
  refused(9, 'two operations and no name', json({ query: 'query A { hello } query B { hello }' }), unresolved),
  ...['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'nonsense'].map((type) =>
    refused(10, `Content-Type ${type}`, post(HELLO, { 'content-type': type }), unsupported),
  ),
  refused(
    10,
    'a body without Content-Type',
    `POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-length: ${HELLO.length}\r\n\r\n${HELLO}`,
    unsupported,
  ),
  ...['ibm037', 'utf-7', 'utf-16'].map((charset) =>
    refused(
      11,
      `charset ${charset}`,
      post(HELLO, { 'content-type': `application/json; charset=${charset}` }),
      unsupported,
    ),
  ),
  ...['zzz', 'gzip', 'identity, br'].map((encoding) =>
    refused(12, `Content-Encoding ${encoding}`, post(HELLO, { 'content-encoding': encoding }), unsupported),
  ),
  refused(14, 'a body one byte over the limit', post(padded(MAX_BODY + 1)), tooLarge),
  refused(14, 'a Content-Length over the limit, and no body', head([`content-length: ${MAX_BODY + 1}`]), tooLarge),
  refused(
    14,
    'chunks that never end',
    head(['transfer-encoding: chunked'], chunked(Array.from({ length: 20 }, () => 'x'.repeat(1_000)))),
    tooLarge,
  ),
  refused(15, 'a header of 100 KB', bodiless('GET', '/graphql', { 'x-long': 'x'.repeat(100_000) }), {
    status: 431,
    code: 'REQUEST_TOO_LARGE',
    closes: true,
  }),
  refused(15, '200 headers', bodiless('GET', '/graphql', many(200)), { status: 431, code: 'REQUEST_TOO_LARGE' }),
  refused(16, 'a URL of 17 KB', get({ query: `{ hello } #${'x'.repeat(17_000)}` }), {
    status: 431,
    code: 'REQUEST_TOO_LARGE',
    closes: true,
  }),
  refused(17, 'a GET that a page could send without preflight', get({ query: '{ hello }' }, {})),
  ...['text/plain', 'message/http', 'multipart/form-data', 'application/json; charset=utf-7'].map((type) =>
    refused(18, `a GET with Content-Type ${type}`, get({ query: '{ hello }' }, { 'content-type': type }), unsupported),
  ),
  refused(19, 'a mutation by GET', get({ query: 'mutation { count }' }), {
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
    headers: { allow: 'POST' },
  }),
  refused(20, 'query given twice', bodiless('GET', '/graphql?query={hello}&query={hello}', PREFLIGHTED)),
  refused(20, 'variables that are not JSON', get({ query: '{ hello }', variables: '{' })),
  refused(20, 'query as a nested parameter', bodiless('GET', '/graphql?query[a]=b', PREFLIGHTED)),
  ...['PUT', 'DELETE', 'PATCH', 'TRACE', 'OPTIONS', 'PROPFIND', 'QUERY'].map((method) =>
    refused(21, method, bodiless(method, '/graphql'), wrongMethod),
  ),
  refused(21, 'PUT with a query', post(HELLO).replace('POST', 'PUT'), wrongMethod),
  refused(
    22,
    'Transfer-Encoding and Content-Length',
    head(['content-length: 5', 'transfer-encoding: chunked'], '0\r\n\r\n'),
    { closes: true },
  ),
  refused(22, 'two Content-Lengths', head(['content-length: 5', 'content-length: 6'], '123456'), { closes: true }),
  refused(22, 'a folded header', head(['x-a: b', ' c', 'content-length: 0']), { closes: true }),
  refused(22, 'bare line feeds', 'GET /graphql HTTP/1.1\nhost: a\n\n', { closes: true }),
  refused(22, 'one bare line feed', 'GET /graphql HTTP/1.1\r\nhost: a\nx-b: c\r\n\r\n', { closes: true }),
  refused(22, 'a chunk size that is no number', head(['transfer-encoding: chunked'], 'zz\r\n\r\n'), { closes: true }),
  refused(22, 'no Host', 'GET /graphql HTTP/1.1\r\n\r\n'),
  refused(22, 'TLS on a plain port', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00]), { closes: true }),
  refused(22, 'an Expect nobody can meet', post(HELLO, { expect: 'a miracle' }), { status: 417, closes: true }),
  refused(22, 'a path that cannot be decoded', bodiless('GET', '/%zz')),
  refused(24, 'another path', bodiless('GET', '/graphql/'), { status: 404, code: 'NOT_FOUND' }),
];

let rig: PublicRig;
beforeAll(async () => {
  rig = await publicRig({ maxBodyBytes: MAX_BODY });
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

describe('attacks on the HTTP envelope', () => {
  test.each(attacks)('row $row: $input is answered $status $code', async ({ bytes, status, code, headers, closes }) => {
    const { answer, closes: closed } = await exchange(rig.port, bytes);
    expect(answer).toMatchObject({
      status,
      headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    });
    const requestId = answer?.headers['x-request-id'];
    expect(requestId).toMatch(/^[\w.:-]{1,128}$/);
    const { errors, ...rest } = JSON.parse(answer?.body ?? '');
    expect(rest).toEqual({});
    expect(errors).toMatchObject([{ message: expect.stringMatching(/./), extensions: { code, requestId } }]);
    expect(answer?.body).not.toMatch(/stack|node_modules|<|fastify|FST_/i);
    if (closes) expect(closed).toBe(true);
  });

  test('row 13: a compressed body is refused by its header, whatever it would inflate to', async () => {
    const bomb = head(['content-encoding: gzip', 'content-length: 9000']);
    expect((await exchange(rig.port, bomb)).answer).toMatchObject({
      status: 415,
      headers: { 'accept-encoding': 'identity' },
    });
  });

  test('row 14: a body exactly at the limit is read', async () => {
    expect((await exchange(rig.port, post(padded(MAX_BODY)))).answer?.status).toBe(200);
  });

  test('row 14: a client that goes on sending a large body still reads its 413', async () => {
    const answer = await fetch(`${rig.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: 'x'.repeat(20_000_000),
    });
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'REQUEST_TOO_LARGE' } }] });
  });

  test('row 21: HEAD is answered 405, without a body', async () => {
    const answer = await fetch(`${rig.origin}/graphql`, { method: 'HEAD' });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, POST');
  });

  test('row 23: Connection takes no other header away, and hop-by-hop headers go no further', async () => {
    const query = '{ kept: header(name: "x-tenant") te: header(name: "te") upgrade: header(name: "upgrade") }';
    const bytes = post(JSON.stringify({ query }), {
      'x-tenant': 't',
      te: 'trailers',
      connection: 'keep-alive, x-tenant',
    });
    const { answer } = await exchange(rig.port, bytes);
    expect(JSON.parse(answer?.body ?? '')).toEqual({ data: { kept: 't', te: null, upgrade: null } });
  });

  test('row 24: Host and X-Forwarded-Host change nothing and appear in no answer', async () => {
    const { answer } = await exchange(rig.port, post('{', { host: 'evil.test', 'x-forwarded-host': 'worse.test' }));
    expect(JSON.stringify(answer)).not.toMatch(/evil|worse/);
  });

  test('row 25: __proto__ in body and variables is ignored', async () => {
    const body = '{"__proto__":{"polluted":1},"query":"{ hello }","variables":{"__proto__":{"polluted":1}}}';
    const { answer } = await exchange(rig.port, post(body));
    expect(JSON.parse(answer?.body ?? '')).toEqual({ data: { hello: 'world' } });
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect('polluted' in {}).toBe(false);
  });

  test('row 26: 1,000 pipelined requests are answered in order, and are the last on their socket', async () => {
    const connection = await rawConnection(rig.port);
    const numbers = Array.from({ length: 1_000 }, (_, n) => `${n}`);
    connection.send(numbers.map((n) => post(JSON.stringify({ query: `{ echo(text: "${n}") }` }))).join(''));
    await connection.closed();
    const answers = parseAnswers(connection.received());
    expect(answers.map(({ body }) => JSON.parse(body).data.echo)).toEqual(numbers);
    expect(answers.at(-1)?.headers.connection).toBe('close');
  });

  test('row 26: who half-closes after pipelining has left: its requests are aborted, others are served', async () => {
    const connection = await rawConnection(rig.port);
    const arrived = rig.gateway.slowArrived();
    connection.send(post('{"query":"{ slow }"}').repeat(20));
    const { signal } = await arrived;
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
    connection.socket.end();
    await Promise.all([aborted, connection.closed()]);
    expect(rig.gateway.slowRequests.every((request) => request.signal.aborted)).toBe(true);
    expect((await exchange(rig.port, post(HELLO))).answer?.status).toBe(200);
  });

  test('a malformed request behind one that still runs is not answered in its place', async () => {
    const connection = await rawConnection(rig.port);
    const arrived = rig.gateway.slowArrived();
    connection.send(post('{"query":"{ slow }"}'));
    await arrived;
    connection.send('nonsense\r\n\r\n');
    await connection.closed();
    expect(connection.received()).toBe('');
  });

  test('no attack was an unexpected failure', () => {
    expect(rig.errors).toEqual([]);
  });
});

describe('persisted queries', () => {
  const query = '{ hello }';
  const sha256Hash = createHash('sha256').update(query).digest('hex');
  const ask = async (bytes: string) => (await exchange(rig.port, bytes)).answer;

  test('an unknown hash is PERSISTED_QUERY_NOT_FOUND with status 200, and known once the query was sent', async () => {
    const unknown = await ask(persisted({ version: 1, sha256Hash }));
    expect(unknown?.status).toBe(200);
    expect(JSON.parse(unknown?.body ?? '')).toMatchObject({
      errors: [{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND', requestId: unknown?.headers['x-request-id'] } }],
    });
    expect((await ask(persisted({ version: 1, sha256Hash }, query)))?.status).toBe(200);
    expect(JSON.parse((await ask(persisted({ version: 1, sha256Hash })))?.body ?? '')).toEqual({
      data: { hello: 'world' },
    });
  });
});
