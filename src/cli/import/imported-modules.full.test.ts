import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { startGateway } from '../../../test/support/gateway/gateway.ts';
import { reflectionServer } from '../../../test/support/grpc/reflection-server.ts';
import { FIXTURE, importInto } from '../../../test/support/modules/import-into.ts';
import { define, typeDefs } from '../../../test/support/modules/small-modules.ts';
import { discoverModules } from '../../app/discover-modules.ts';
import type { SchemaModule } from '../../backend/define/module.ts';
import { testFolder } from '../codegen/test-folder.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

const VITEST = `import { defineConfig } from 'vitest/config';
export default defineConfig({ test: { experimental: { viteModuleRunner: false }, testTimeout: 300_000 } });
`;

/** A repository of a backend team, with Tributary as a dependency. */
const repository = (): string => {
  const folder = testFolder({
    'package.json': '{ "type": "module" }',
    'vitest.config.ts': VITEST,
    'tsconfig.json': '{ "extends": "./node_modules/tributary/tsconfig.json", "include": ["schema"] }',
  });
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true });
  for (const name of ['zod', 'vitest', '@types/node', '@grpc', 'graphql'])
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  symlinkSync(ROOT, join(folder, 'node_modules/tributary'));
  return folder;
};

const run = (cwd: string, ...args: readonly string[]): { readonly status: number | null; readonly text: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  });
  return { status, text: stdout + stderr };
};

/** The module of a folder, and its mock. */
const started = async (folder: string, name: string, start: string): Promise<{ module: SchemaModule; mock: Mock }> => {
  const { modules, problems } = await discoverModules(join(folder, 'schema'));
  expect(problems).toEqual([]);
  const module = modules.find((one) => one.name === name);
  if (module === undefined) throw new Error(`no module ${name}`);
  const mocks: Readonly<Record<string, () => Promise<Mock>>> = await import(join(folder, 'schema', name, 'mock.ts'));
  const mock = await mocks[start]?.();
  if (mock === undefined) throw new Error(`no mock ${start}`);
  return { module, mock };
};

interface Mock extends AsyncDisposable {
  readonly url: string;
  readonly calls: readonly string[];
}

test('imported modules compile under the strictest settings, and their tests pass', async () => {
  const folder = repository();
  await importInto(folder, join(FIXTURE, 'library.yaml'));
  await importInto(folder, join(FIXTURE, 'parcels.json'));
  await importInto(folder, join(FIXTURE, 'files.yaml'));
  await importInto(folder, join(FIXTURE, 'commands.yaml'), { reads: ['searchItems'] });
  await importInto(folder, "curl https://api.shop.example/customers/cus_9s6XKzkN -H 'x-key: 1'", {
    answer: join(FIXTURE, 'curl/customer.json'),
  });
  // Without Query of its own.
  await importInto(folder, join(FIXTURE, 'commands.yaml'), { name: 'orders', select: ['send'] });
  const protoPaths = [join(FIXTURE, 'protos')];
  const museum = join(FIXTURE, 'protos/museum/v1/museum.proto');
  await importInto(folder, museum, { protoPaths, reads: ['CountVisitors'] });
  await importInto(folder, museum, { protoPaths, name: 'tickets', select: ['BuyTicket'] });
  await importInto(folder, join(ROOT, 'examples/boutique/boutique.proto'), { all: true });
  await importInto(folder, join(ROOT, 'test/support/modules/library.proto'), { name: 'lending' });
  await importInto(folder, join(FIXTURE, 'gallery.graphql'));
  await importInto(folder, join(FIXTURE, 'reviews.graphql'));
  // Under other names, in other modules.
  await importInto(folder, join(FIXTURE, 'library.yaml'), {
    name: 'volumes',
    renames: ['BookObject=Volume', 'BookObject.title=heading', 'BookObject.id=number', 'GenreObject=Kind'],
  });
  await importInto(folder, museum, {
    protoPaths,
    name: 'pieces',
    select: ['GetWork', 'BatchGetWorks', 'CreateWork'],
    renames: ['MuseumV1Work=Piece', 'MuseumV1Work.id=code', 'MuseumV1WorkInput.title=heading'],
  });
  await importInto(folder, join(FIXTURE, 'gallery.graphql'), {
    name: 'art',
    prefix: 'Art',
    renames: ['ArtWork=Masterpiece', 'ArtWork.title=heading', 'ArtNode.id=nodeId', 'ArtNewWork.title=heading'],
  });
  await importInto(folder, join(ROOT, 'examples/support/helpdesk.graphql'), { prefix: 'Desk' });
  const reflected = await reflectionServer({ folder: join(ROOT, 'test/support/modules'), proto: 'every-kind.proto' });
  await importInto(folder, reflected, { name: 'reflected' });
  expect(run(folder, join(ROOT, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', '.')).toEqual({
    status: 0,
    text: '',
  });
  const { status, text } = run(folder, join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run');
  expect(text).toMatch(/Test Files +17 passed \(17\)/);
  expect(status).toBe(0);
});

test('an imported gRPC module works with its mock, a server of another implementation', async () => {
  const folder = repository();
  await importInto(folder, join(FIXTURE, 'protos/museum/v1/museum.proto'), { protoPaths: [join(FIXTURE, 'protos')] });
  const { module, mock } = await started(folder, 'museum', 'startMuseum');
  await using gateway = await startGateway({ MUSEUM_MUSEUM_ENDPOINTS: mock.url, MUSEUM_TICKET_ENDPOINTS: mock.url }, [
    module,
  ]);
  const { data, errors } = await gateway.query(`{
    a: work(id: "7") { id title era subtitle acquireTime tourTime thumbnail }  b: work(id: "8") { id }
    works(first: 1) { nodes { id influences catalogueNumber } pageInfo { hasNextPage } }
    artist(name: "Vermeer") { name era workIds }
  }`);
  expect(errors).toEqual([]);
  expect(data).toEqual({
    a: {
      id: '7',
      title: 'title',
      era: 'OLD_MASTERS',
      subtitle: 'subtitle',
      acquireTime: '2024-01-02T03:04:05.000Z',
      tourTime: '1.500s',
      thumbnail: 'AAE=',
    },
    b: { id: '8' },
    works: {
      nodes: [{ id: '1', influences: ['OLD_MASTERS'], catalogueNumber: 1 }],
      pageInfo: { hasNextPage: false },
    },
    artist: { name: 'Vermeer', era: 'OLD_MASTERS', workIds: ['1'] },
  });
  expect(mock.calls.toSorted()).toEqual([
    'museum.v1.MuseumService/BatchGetWorks',
    'museum.v1.MuseumService/GetArtist',
    'museum.v1.MuseumService/ListWorks',
  ]);
  const mutation = 'mutation ($work: WorkInput!) { createWork(work: $work) { id } deleteWork(id: "7") }';
  expect(await gateway.query(mutation, { work: { title: 'Emma', place: { lost: true } } })).toMatchObject({
    data: { createWork: { id: '1' }, deleteWork: true },
    errors: [],
  });
  await mock[Symbol.asyncDispose]();
});

test('an imported REST module works with its mock', async () => {
  const folder = repository();
  for (const name of ['library', 'files']) await importInto(folder, join(FIXTURE, `${name}.yaml`));
  const library = await started(folder, 'library', 'startLibrary');
  const files = await started(folder, 'files', 'startFiles');
  await using gateway = await startGateway(
    { LIBRARY_API_ENDPOINTS: library.mock.url, FILES_API_ENDPOINTS: files.mock.url },
    [library.module, files.module],
  );
  const { data, errors } = await gateway.query(`{
    a: author(id: "7") { id name }  b: author(id: "8") { id }
    book(bookId: "3") { id title }
    shelf(id: "s") { id }
    photoContent(id: "7")  notes
  }`);
  expect(errors).toEqual([]);
  expect(data).toEqual({
    a: { id: '7', name: 'name' },
    b: { id: '8' },
    book: { id: '3', title: 'Solaris' },
    shelf: { id: 's' },
    photoContent: 'AAE=',
    notes: 'result',
  });
  expect(library.mock.calls.toSorted()).toEqual([
    'GET /authors?ids=7&ids=8',
    'GET /books/3',
    'GET /shelves?ids%5B%5D=s&limit=1',
  ]);
  const mutation = `mutation {
    addNote(input: "new")  replaceArchive(input: "YQ==")
    addPhoto(input: { photo: { content: "YQ==", name: "a.png" } }) { id }
  }`;
  expect(await gateway.query(mutation)).toMatchObject({
    data: { addNote: 'result', replaceArchive: true, addPhoto: { id: 'id-1' } },
    errors: [],
  });
  for (const { mock } of [library, files]) await mock[Symbol.asyncDispose]();
});

test('the mock of a federated subgraph answers _entities', async () => {
  const folder = repository();
  await importInto(folder, join(FIXTURE, 'reviews.graphql'));
  const { module, mock } = await started(folder, 'reviews', 'startReviews');
  const catalog = define({
    name: 'catalog',
    typeDefs: typeDefs('type Query { product: Product }  type Product { upc: String! }'),
    resolvers: { Query: { product: () => ({ upc: '1' }) } },
  });
  await using gateway = await startGateway({ REVIEWS_API_ENDPOINTS: mock.url }, [module, catalog]);
  expect(await gateway.query('{ product { upc reviews { id stars } } topReviews { id } }')).toMatchObject({
    errors: [],
    data: { product: { upc: '1', reviews: [{ id: 'id-1', stars: 1 }] }, topReviews: [{ id: 'id-1' }] },
  });
  expect(mock.calls).toHaveLength(2);
  await mock[Symbol.asyncDispose]();
});

test('an imported GraphQL module works with its mock', async () => {
  const folder = repository();
  await importInto(folder, join(FIXTURE, 'gallery.graphql'));
  const { module, mock } = await started(folder, 'gallery', 'startGallery');
  await using gateway = await startGateway({ GALLERY_API_ENDPOINTS: mock.url }, [module]);
  const { data, errors } = await gateway.query(`{
    work(id: "7") { id title views extra artist { code name } }
    artistsByCodes(codes: ["a", "b"]) { code works { id } }
    search(text: "x") { __typename ... on Work { id } }
    date { year }
  }`);
  expect(errors).toEqual([]);
  expect(data).toMatchObject({
    work: { id: '7', title: 'title', artist: { code: 'code' } },
    artistsByCodes: [{ code: 'a' }, { code: 'b' }],
    search: [{ __typename: 'Work' }],
    date: { year: 1 },
  });
  const mutation =
    'mutation { addWork(input: { title: "Emma", artist: "a" }) { work { id } } removeWork(by: { id: "7" }) }';
  expect(await gateway.query(mutation)).toMatchObject({
    data: { addWork: { work: { id: 'id-1' } }, removeWork: true },
  });
  await mock[Symbol.asyncDispose]();
});
