import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { buildSchema, graphql } from 'graphql';
import { expect, onTestFinished, test } from 'vitest';
import { manualClock } from '../../../../test/support/clock/manual-clock.ts';
import { startRecorder } from '../../../../test/support/http/recorder.ts';
import { FIXTURE, importInto, PACKAGE } from '../../../../test/support/modules/import-into.ts';
import { define, typeDefs } from '../../../../test/support/modules/small-modules.ts';
import { discoverModules } from '../../../app/discover-modules.ts';
import { batch } from '../../../backend/index.ts';
import { scripted, testBackend } from '../../../testing/index.ts';
import { testFolder } from '../../codegen/test-folder.ts';

const GALLERY = join(FIXTURE, 'gallery.graphql');
const REVIEWS = join(FIXTURE, 'reviews.graphql');

interface ServiceOptions {
  /** Replaces the answer. */
  readonly answer?: (query: string) => { readonly status: number; readonly body: string } | null;
}

/** A service with the fixture's schema. Returns its URL, and the headers that it received. */
const service = async ({ answer = () => null }: ServiceOptions = {}) => {
  const schema = buildSchema(readFileSync(GALLERY, 'utf8'));
  const received: (string | undefined)[] = [];
  const server = createServer(async (request, response) => {
    const { query } = JSON.parse(await text(request));
    received.push(request.headers.authorization);
    const given = answer(query);
    const body = given?.body ?? JSON.stringify(await graphql({ schema, source: query }));
    response.writeHead(given?.status ?? 200, { 'content-type': 'application/json' }).end(body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/v1/graphql`, received };
};

const textsOf = (folder: string) => (path: string) => readFileSync(join(folder, 'schema/gallery', path), 'utf8');

test('gallery.graphql becomes the same SDL, code, test and mock', async () => {
  const folder = testFolder(PACKAGE);
  await importInto(folder, GALLERY);
  const read = textsOf(folder);
  const expected = (path: string) => join(FIXTURE, 'expected', `gallery.${path}.txt`);
  await expect(read('imported.generated.graphql')).toMatchFileSnapshot(expected('graphql'));
  await expect(read('imported.generated.ts')).toMatchFileSnapshot(expected('generated'));
  await expect(read('index.ts')).toMatchFileSnapshot(expected('index'));
  await expect(read('index.test.ts')).toMatchFileSnapshot(expected('test'));
  await expect(read('mock.ts')).toMatchFileSnapshot(expected('mock'));
  expect(read('service.graphql')).toBe(readFileSync(GALLERY, 'utf8'));
});

test('--list shows what each root field becomes', async () => {
  const list = await importInto(testFolder(PACKAGE), GALLERY, { list: true });
  expect(list.split('\n').map((line) => line.replace(/ {2,}/, '  '))).toEqual([
    'Query.work  Query.work: Work, loader workById (one operation with an alias for each key)',
    'Query.works  Query.works: WorkPage!',
    'Query.artistsByCodes  Query.artistsByCodes: [Artist]!, loader artistByCode (one operation for many keys)',
    'Query.search  Query.search: [Hit!]!',
    'Query.node  Query.node: Node',
    'Query.date  Query.date: GalleryDate',
    'Query.viewer  Query.viewer: Viewer!',
    'Mutation.addWork  Mutation.addWork: AddWorkPayload!',
    'Mutation.removeWork  Mutation.removeWork: Boolean',
    'Subscription.workAdded  not imported: subscriptions of GraphQL upstreams are not supported',
  ]);
});

test('a running service is read by introspection, and the value of a header is not written', async () => {
  const folder = testFolder(PACKAGE);
  const { url, received } = await service();
  const report = await importInto(folder, url, {
    name: 'gallery',
    select: ['work', 'Mutation.*'],
    prefix: 'Art',
    headers: ['Authorization: Bearer canary-secret'],
  });
  const read = textsOf(folder);
  expect(received).toEqual(['Bearer canary-secret']);
  const files = [
    'index.ts',
    'index.test.ts',
    'mock.ts',
    'imported.generated.ts',
    'imported.generated.graphql',
    'service.graphql',
  ];
  expect([report, ...files.map(read)].join('\n')).not.toContain('canary');
  expect(read('index.ts')).toContain("secret('GALLERY_AUTHORIZATION')");
  expect(read('index.ts')).toContain("path: '/v1/graphql'");
  expect(read('imported.generated.graphql')).toContain('type ArtWork {');
  expect(read('imported.generated.ts')).toContain("ArtWork: { from: 'Work' }");
});

test('a server without the newest introspection is read by the older query', async () => {
  const { url, received } = await service({
    answer: (query) =>
      query.includes('isOneOf') ? { status: 200, body: '{"errors":[{"message":"Cannot query isOneOf"}]}' } : null,
  });
  await importInto(testFolder(PACKAGE), url, { name: 'gallery' });
  expect(received).toHaveLength(2);
});

test('a service that does not answer ends the import at the deadline', async () => {
  const clock = manualClock();
  const { url, requests } = await startRecorder(() => clock.advance(30_000));
  const folder = testFolder(PACKAGE);
  await expect(importInto(folder, url, { graphql: true, name: 'gallery' }, { clock })).rejects.toThrow(
    /cannot be read: no answer in 30 s. Check the URL and the --header, or import the SDL of the service from a file/,
  );
  expect(requests).toHaveLength(1);
  expect(clock.pending).toBe(0);
  expect(existsSync(join(folder, 'schema'))).toBe(false);
});

test('entities of a federated subgraph become loaders, which join the types of other modules', async () => {
  const folder = testFolder(PACKAGE);
  const list = await importInto(folder, REVIEWS, { list: true });
  expect(list.split('\n').map((line) => line.replace(/ {2,}/, '  '))).toEqual([
    'Query.topReviews  Query.topReviews: [Review!]!',
    '_entities Review  loader reviewById (one operation for many keys)',
    '_entities Product  loader productByUpc (one operation for many keys)',
    '_entities Author  loader authorByEmail (one operation for many keys)',
  ]);
  await importInto(folder, REVIEWS);
  const read = (path: string) => readFileSync(join(folder, 'schema/reviews', path), 'utf8');
  const expected = (path: string) => join(FIXTURE, 'expected', `reviews.${path}.txt`);
  await expect(read('imported.generated.graphql')).toMatchFileSnapshot(expected('graphql'));
  await expect(read('imported.generated.ts')).toMatchFileSnapshot(expected('generated'));
  await expect(read('mock.ts')).toMatchFileSnapshot(expected('mock'));

  const { modules, problems } = await discoverModules(join(folder, 'schema'));
  expect(problems).toEqual([]);
  const catalog = define({
    name: 'catalog',
    typeDefs: typeDefs('type Query { products: [Product!]! }  type Product { upc: String! title: String }'),
    loaders: () => ({
      productByUpc: batch(
        async (keys: readonly string[]) => new Map(keys.map((upc) => [upc, { title: `Title ${upc}` }])),
      ),
    }),
    merge: { Product: { key: 'upc', load: 'productByUpc' } },
    resolvers: { Query: { products: () => [{ upc: '1' }, { upc: '2' }] } },
  });
  const [reviews] = modules;
  if (reviews === undefined) throw new Error('no module');
  const keys: unknown[] = [];
  const api = scripted().graphql({
    Product: {
      __resolveReference: ({ upc }: { readonly upc: string }) => {
        keys.push(upc);
        return { upc, reviews: [{ id: `r${upc}`, stars: 5 }] };
      },
    },
  });
  const gateway = testBackend(reviews, { api }, { beside: [catalog] });
  const { data, errors } = await gateway.query('{ products { title reviews { stars } } }');
  expect(errors).toBeUndefined();
  expect(data.products).toEqual([
    { title: 'Title 1', reviews: [{ stars: 5 }] },
    { title: 'Title 2', reviews: [{ stars: 5 }] },
  ]);
  expect(gateway.calls).toEqual(['reviews.api query _entities']);
  expect(keys).toEqual(['1', '2']);
});

test.each([
  [
    200,
    '{"errors":[{"message":"introspection is off"}]}',
    /cannot be introspected: introspection is off. Turn introspection on/,
  ],
  [200, '<html>', /is no GraphQL service: the answer is not JSON/],
  [200, '{"data":{"__schema":{}}}', /The schema of .* is not valid/],
  [401, '', /the status is 401. Check the URL and the --header/],
])('a service that answers %i %s is rejected with a fix', async (status, body, message) => {
  const { url } = await service({ answer: () => ({ status, body }) });
  await expect(importInto(testFolder(PACKAGE), url, { name: 'gallery' })).rejects.toThrow(message);
});

test.each([
  ['type Query { a: Missing }', /Unknown type/],
  ['type Query {', /broken.graphql:1:\d+: Syntax Error/],
  ['type A { a: Int }', /Query root type must be provided/],
  ['type Query { a: Int\n a: Int }', /broken.graphql:2:2: Field "Query.a" can only be defined once/],
])('SDL that is not valid is rejected with its place: %s', async (sdl, message) => {
  const folder = testFolder({ ...PACKAGE, 'broken.graphql': sdl });
  await expect(importInto(folder, join(folder, 'broken.graphql'))).rejects.toThrow(message);
});

test('a second import shows the changes of the service, and keeps the lines of the author', async () => {
  const folder = testFolder({ ...PACKAGE, 'gallery.graphql': readFileSync(GALLERY, 'utf8') });
  const source = join(folder, 'gallery.graphql');
  await importInto(folder, source);
  const index = join(folder, 'schema/gallery/index.ts');
  const edited = `${readFileSync(index, 'utf8')}// mine\n`;
  writeFileSync(index, edited);
  writeFileSync(
    source,
    readFileSync(source, 'utf8').replace('title: String!\n  style: Style\n', 'title: String\n  state: Style\n'),
  );
  const report = await importInto(folder, source);
  expect(report).toContain(
    [
      'Changes of the graph:',
      '  - Work.style: Style',
      '  ~ Work.title: String! -> String',
      '  + Work.state: Style',
    ].join('\n'),
  );
  expect(readFileSync(index, 'utf8')).toBe(edited);
  expect(report).not.toContain('warning');
});
