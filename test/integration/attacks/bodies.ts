import { bodiless, post } from '../../support/http/raw-http.ts';
import { type Attack, answered, refused } from './attack.ts';
import { binary, get, HELLO, head, json, lengthOf, PREFLIGHTED, persisted, WORLD } from './http.ts';

const unsupported = { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' } as const;
const unresolved = { code: 'OPERATION_RESOLUTION_FAILURE' } as const;
const unacceptable = { status: 406 } as const;
const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const levels = (count: number): string => `${'{"next":'.repeat(count)}{}${'}'.repeat(count)}`;
const LEVEL = 'query ($l: Level) { level(of: $l, at: 1) }';

const known: readonly Attack[] = [
  refused(1, 'a POST with an empty body', post('')),
  refused(1, 'a POST with neither body nor type', bodiless('POST', '/graphql', { 'content-length': '0' })),
  refused(2, 'a truncated JSON object', post('{"query":')),
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
    `POST /graphql HTTP/1.1\r\nhost: a\r\n${lengthOf(HELLO)}\r\n\r\n${HELLO}`,
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
  refused(17, 'a GET without a preflight header', get({ query: '{ hello }' }, {})),
  ...['text/plain', 'message/http', 'multipart/form-data', 'application/json; charset=utf-7'].map((type) =>
    refused(18, `a GET with Content-Type ${type}`, get({ query: '{ hello }' }, { 'content-type': type }), unsupported),
  ),
  refused(20, 'two query parameters', bodiless('GET', '/graphql?query={hello}&query={hello}', PREFLIGHTED)),
  refused(20, 'variables that are not JSON', get({ query: '{ hello }', variables: '{' })),
  refused(20, 'query as a nested parameter', bodiless('GET', '/graphql?query[a]=b', PREFLIGHTED)),
  answered(
    25,
    '__proto__ in body and variables',
    post('{"__proto__":{"polluted":1},"query":"{ hello }","variables":{"__proto__":{"polluted":1}}}'),
    WORLD,
  ),
];

const encodings: readonly Attack[] = [
  refused('next', 'a body in UTF-16 with a byte order mark', binary(Buffer.from(`\ufeff${HELLO}`, 'utf16le'))),
  refused('next', 'a body in UTF-16 without a byte order mark', binary(Buffer.from(HELLO, 'utf16le'))),
  refused('next', 'a body with the byte order mark of UTF-8', binary(Buffer.from(`\ufeff${HELLO}`))),
  refused('next', 'a body in UTF-7', post('+AHsAIg-query+ACI:+ACIAew- hello +AH0AIgB9-')),
  refused('next', 'a slash in overlong UTF-8', binary(Buffer.from('{"query":"{ hello }\xc0\xaf"}', 'latin1'))),
  refused('next', 'a lone surrogate in UTF-8', binary(Buffer.from('{"query":"{ hello }\xed\xa0\x80"}', 'latin1'))),
  refused('next', 'an empty Content-Encoding', post(HELLO, { 'content-encoding': '' }), unsupported),
  refused('next', 'Content-Encoding deflate', post(HELLO, { 'content-encoding': 'deflate' }), unsupported),
  refused(
    'next',
    'two types in one Content-Type',
    post(HELLO, { 'content-type': 'application/json, text/plain' }),
    unsupported,
  ),
  refused('next', 'two Content-Type headers', head(['content-type: text/plain', lengthOf(HELLO)], HELLO)),
  refused(
    'next',
    'Content-Type application/graphql',
    post('{ hello }', { 'content-type': 'application/graphql' }),
    unsupported,
  ),
  refused(
    'next',
    'an upload by multipart',
    post('--x--', { 'content-type': 'multipart/form-data; boundary=x', ...PREFLIGHTED }),
    unsupported,
  ),
  ...['text/html', 'multipart/mixed; deferSpec=20220824', 'text/event-stream'].map((accept) =>
    refused('next', `Accept ${accept}`, post(HELLO, { accept }), unacceptable),
  ),
];

const jsons: readonly Attack[] = [
  answered(
    'next',
    'query twice in one object: the last one counts',
    post('{"query":"{ nope }","query":"{ hello }"}'),
    WORLD,
  ),
  answered('next', 'the same key in other case', post('{"query":"{ hello }","Query":"{ nope }","QUERY":1}'), WORLD),
  refused('next', 'a query behind __proto__', post('{"__proto__":{"query":"{ hello }"}}')),
  answered(
    'next',
    'extensions with a prototype and a status',
    post(
      '{"query":"{ hello }","extensions":{"__proto__":{"persistedQuery":5},"constructor":{"prototype":{"polluted":1}},"http":{"status":500,"headers":{"x-evil":"1"}}}}',
    ),
    WORLD,
  ),
  refused('next', 'JSON with a comment', post('{"query":"{ hello }"/**/}')),
  refused('next', 'JSON with a trailing comma', post('{"query":"{ hello }",}')),
  refused('next', 'NaN', post('{"query":"{ hello }","variables":{"a":NaN}}')),
  refused('next', 'two objects in one body', post(HELLO + HELLO)),
  refused(
    'next',
    'lists 90,000 deep that never close',
    post(`{"query":"{ hello }","variables":{"a":${'['.repeat(90_000)}`),
  ),
  refused('next', 'variables 10,000 levels deep', post(`{"query":"${LEVEL}","variables":{"l":${levels(10_000)}}}`)),
  refused('next', 'variables 200 levels deep and one', post(`{"query":"${LEVEL}","variables":{"l":${levels(199)}}}`)),
  answered('next', 'variables 200 levels deep', post(`{"query":"${LEVEL}","variables":{"l":${levels(198)}}}`), {
    level: 1,
  }),
  refused('next', 'extensions 40,000 levels deep', post(`{"query":"{ hello }","extensions":{"a":${nested(40_000)}}}`)),
  refused(
    'next',
    'variables 4,000 levels deep by GET',
    bodiless('GET', `/graphql?query={hello}&variables={"a":${nested(4_000)}}`.replaceAll('"', '%22'), PREFLIGHTED),
  ),
  refused(
    'next',
    'an operationName of __proto__',
    json({ query: 'query A { hello } query B { hello }', operationName: '__proto__' }),
    unresolved,
  ),
  refused(
    'next',
    'an operationName of 50,000 letters',
    json({ query: 'query A { hello }', operationName: 'x'.repeat(50_000) }),
    unresolved,
  ),
  answered('next', 'an empty operationName', json({ query: 'query A { hello }', operationName: '' }), WORLD),
];

/** Attacks with the body and the parameters of a request. */
export const bodies: readonly Attack[] = [...known, ...encodings, ...jsons];
