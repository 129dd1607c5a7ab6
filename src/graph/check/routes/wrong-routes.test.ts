import { defineBackend, graphql, pass, rest, type SchemaModule, secret, websocket } from 'tributary/backend';
import { expect, test } from 'vitest';
import { problemsInModules } from '../check-modules.ts';

const moduleWith = (routes: object, name = 'files'): SchemaModule => ({
  ...defineBackend()({
    name,
    typeDefs: { text: `type Query { ${name}: Int }`, file: `/schema/${name}/schema.graphql` },
    upstreams: { files: rest({ headers: { 'x-key': secret('KEY') } }), other: graphql({ schema: './other.graphql' }) },
    policies: { owner: () => true },
    resolvers: { Query: { [name]: () => 1 } },
  }),
  routes: routes as NonNullable<SchemaModule['routes']>,
});

/** The problems of routes, without file. */
const problems = (...modules: SchemaModule[]): readonly string[] =>
  problemsInModules(modules).flatMap((line) => /: (route ".*)$/.exec(line)?.[1] ?? []);

const upstream = (name: string) => name as 'files';

test.each<[object, string]>([
  [
    { 'GET /x': pass(upstream('fils')) },
    'passes to "fils", which is no REST upstream of this module: use files in pass(…)',
  ],
  [{ 'GET /x': pass(upstream('other')) }, 'passes to "other", which is no REST upstream of this module'],
  [
    { 'GET /x': pass('files', { public: true, scopes: [['a']] }) },
    'is public, but it has requirements: remove public, or the requirements',
  ],
  [{ 'POST /x': websocket('files') }, 'connects WebSockets with POST: use GET'],
  [{ 'GET /graphql': pass('files') }, 'has a path of the gateway itself: use another first segment'],
  [{ 'GET /GraphQL/x': pass('files') }, 'has a path of the gateway itself'],
  [{ 'GET /livez': pass('files') }, 'has a path of the gateway itself'],
  [{ 'GET /readyz': pass('files') }, 'has a path of the gateway itself'],
  [{ 'GET /openapi.json': pass('files') }, 'has a path of the gateway itself'],
  [{ 'GET /auth/{x=**}': pass('files') }, 'has a path of the gateway itself'],
  [{ 'GET /.well-known/{x=**}': pass('files') }, 'has a path of the gateway itself'],
  [{ 'GET /': pass('files') }, 'has the segment ""'],
  [{ 'GET /{page}': pass('files') }, 'begins with a variable, and would match /graphql and /livez'],
  [{ 'GET /{path=**}': pass('files') }, 'begins with a variable'],
  [{ 'FETCH /x': pass('files') }, 'has no method and path'],
  [{ 'GET /a/../b': pass('files') }, 'has the segment ".."'],
  [{ 'GET /a/%2e': pass('files') }, 'has the segment "%2e"'],
  [{ 'GET /a/{x}/{x}': pass('files') }, 'has {x} twice: rename one of them'],
  [{ 'GET /a/{x=**}/b': pass('files') }, 'continues after {name=**}: move it to the end'],
  [{ 'GET /a/{id}': pass('files', '/b/{ix}' as '/b/{id}') }, 'has no {ix}, which its target has: use {id}'],
  [{ 'GET /a': pass('files', '/b/../c') }, 'has the target "/b/../c"'],
  [{ 'GET /a': pass('files', '/b?c=1') }, 'has the target "/b?c=1"'],
  [{ 'GET /a': 7 }, 'has a value that is no route'],
  [{ 'GET /a': [pass('files'), pass('files', { when: { host: 'a' } })] }, 'has routes after one without conditions'],
  [{ 'GET /a': pass('files', { policies: [['ownr']] }) }, 'uses the policy ownr, which does not exist: use owner'],
  [
    { 'GET /a': pass('files', { requestHeaders: { allow: ['Authorization'] } }) },
    "has Authorization in requestHeaders: use forward: { identity: 'token' } of the upstream",
  ],
  [
    { 'GET /a': pass('files', { requestHeaders: { set: { 'X-Key': 'a' } } }) },
    'has X-Key in requestHeaders: remove it: the upstream sets it to a secret',
  ],
  [{ 'GET /a': pass('files', { requestHeaders: { allow: ['transfer-encoding'] } }) }, 'it belongs to the connection'],
  [{ 'GET /a': pass('files', { requestHeaders: { allow: ['x-forwarded-for'] } }) }, 'use forward of the upstream'],
  [
    { 'GET /a': pass('files', { responseHeaders: { set: { 'Access-Control-Allow-Origin': '*' } } }) },
    'set CORS_ORIGINS instead',
  ],
])('%j is reported at the start', (routes, problem) => {
  const [found, ...others] = problems(moduleWith(routes));
  expect([found, others]).toEqual([expect.stringContaining(`route ${JSON.stringify(Object.keys(routes)[0])} `), []]);
  expect(found).toContain(problem);
});

test('options that do not exist or are out of range are reported with their path', () => {
  const wrong = { maxBytes: -1, idleTimeoutMS: 1, when: { hosts: 'a' }, requestHeaders: { set: { a: 'b\r\nc: d' } } };
  const found = problemsInModules([moduleWith({ 'GET /a': pass('files', wrong as object) })]).filter((line) =>
    line.includes('route "'),
  );
  expect(found).toEqual([
    expect.stringContaining(
      'requestHeaders.set of route "GET /a" is {"a":"b\\r\\nc: d"}: use an object of names and texts',
    ),
    expect.stringContaining('maxBytes of route "GET /a" is -1: use a whole number of at least 0'),
    expect.stringContaining('when of route "GET /a" has an unknown option "hosts": use host, or remove it'),
    expect.stringContaining('route "GET /a" has an unknown option "idleTimeoutMS": use idleTimeoutMs, or remove it'),
  ]);
});

test.each([
  ['GET /files/{id}', 'GET /files/{name}', 'has the paths of'],
  ['GET /files/{id}', 'GET /{kind}/recent', 'shares paths with'],
  ['GET /a/{x}/c', 'GET /a/b/{y}', 'shares paths with'],
  ['GET /a/{x=**}', 'GET /a/{y}/b', null],
  ['GET /a/{x}/{y=**}', 'GET /a/b/c', null],
  ['GET /a/{x}', 'GET /a/b', null],
  ['GET /a/{x}', 'POST /a/{y}', null],
  ['GET /a/b', 'GET /a/b', 'has the paths of'],
])('%s and %s in two modules: %s', (one, other, expected) => {
  const found = problems(moduleWith({ [one]: pass('files') }), moduleWith({ [other]: pass('files') }, 'twin')).filter(
    (line) => !line.includes('begins with a variable'),
  );
  expect(found).toEqual(expected === null ? [] : [expect.stringContaining(`${expected} "${one}" of files (`)]);
});

test('/.well-known/acme-challenge may be passed to a client of ACME', () => {
  expect(problems(moduleWith({ 'GET /.well-known/acme-challenge/{token}': pass('files') }))).toEqual([]);
});
