import { cpSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startMock } from '../../services-mock/start.ts';
import { type ReviewServices, startReviewServices } from '../support/backends/review-services.ts';
import { checkoutIn, contentsOf, emptyFolder, writeIn } from '../support/processes/checkout.ts';
import { blocksOf, type DocBlock } from '../support/processes/doc-blocks.ts';
import { freePort } from '../support/processes/ports.ts';
import { ROOT, type RunningProcess, startProcess } from '../support/processes/processes.ts';

const DOCUMENT = 'docs/add-a-backend.md';
const blocks = blocksOf(DOCUMENT);
const files = blocks.filter(({ file, excerpt }) => file !== null && !excerpt);
const filesIn = (folder: string) => files.filter(({ file }) => file?.startsWith(folder));

/** The document's command block that contains this text, literally. */
const commands = (containing: string): string => {
  const found = blocks.filter(({ language, text }) => language === 'sh' && text.includes(containing));
  expect(found, containing).toHaveLength(1);
  return found[0]?.text ?? '';
};

/** A home directory with a checkout in `tributary` and, as in the document, another repository in `team`. */
const home = emptyFolder();
const checkout = join(home, 'tributary');
let untouched: Readonly<Record<string, string>> = {};
let services: ReviewServices;

const write = (folder: string, list: readonly DocBlock[]) => {
  for (const { file, text } of list) writeIn(folder, file ?? '', text);
};

/** `node`, `npm` and `npx` of the scripts run on the Node that runs the tests, if the folder has them. */
const PATH = `${dirname(process.execPath)}:${process.env.PATH}`;

const shell = (script: string, env: Readonly<Record<string, string>> = {}): RunningProcess => {
  const running = startProcess('sh', ['-ec', script], {
    cwd: checkout,
    env: { PATH, HOME: home, npm_config_update_notifier: 'false', NO_COLOR: '1', ...env },
    ownGroup: true,
  });
  onTestFinished(async () => {
    try {
      process.kill(-running.pid, 'SIGTERM');
    } catch {
      // The process has ended already.
    }
    await running.ended;
  });
  return running;
};

const succeed = async (script: string): Promise<string> => {
  const running = startProcess('sh', ['-ec', script], { cwd: checkout, env: { PATH, HOME: home, NO_COLOR: '1' } });
  const { code } = await running.ended;
  expect(code, running.output()).toBe(0);
  return running.output();
};

/** Addresses of the document, with the ports of this test. */
const here = (script: string): string =>
  script
    .replace('http://127.0.0.1:4501', services.addresses.reviews)
    .replace('grpc://127.0.0.1:4502', services.addresses.ratings);

beforeAll(async () => {
  checkoutIn(checkout);
  untouched = contentsOf(checkout);
  write(checkout, filesIn('schema/reviews/'));
  services = await startReviewServices(join(checkout, 'schema/reviews/ratings.proto'));
  await succeed(commands('npm run codegen\nnpx tsc').split('npx tsc')[0] ?? '');
});

afterAll(async () => {
  await services[Symbol.asyncDispose]();
  rmSync(home, { recursive: true });
});

test('the module of the document compiles, is formatted, passes its own test, and changes nothing outside its folder', async () => {
  await succeed(commands('npm run codegen\nnpx tsc'));
  expect(await succeed(commands('npx vitest run schema/reviews'))).toMatch(/Tests +2 passed/);
  await succeed('npx biome check schema/reviews');
  const now = contentsOf(checkout);
  const added = Object.keys(now).filter((file) => !Object.hasOwn(untouched, file));
  expect(added).toEqual(
    ['index.test.ts', 'index.ts', 'ratings.proto', 'schema.generated.ts', 'schema.graphql'].map(
      (file) => `schema/reviews/${file}`,
    ),
  );
  expect(now).toMatchObject(untouched);
});

test('the demo with the new folder answers the query of the document with the answer of the document', async () => {
  const demo = shell(here(commands('npm run demo')), { PORT: '0', ADMIN_PORT: '0', DEMO_MOCK_PORT_BASE: '0' });
  const [, graphql = ''] = await demo.waitFor(/GraphQL +(\S+)[\s\S]*Ctrl-C stops everything/);
  const before = services.calls.length;
  const answer: unknown = JSON.parse(await succeed(commands('curl').replace('http://127.0.0.1:4000/graphql', graphql)));
  const [written] = blocks.filter(({ language, file }) => language === 'json' && file === null);
  expect(answer).toEqual(JSON.parse(written?.text ?? ''));
  expect(services.calls.slice(before).toSorted()).toEqual(['BatchGet p1', 'GET /reviews?products=p1&latest=3']);
});

/** Endpoints of all upstreams of the shop: the catalog's is real, nothing listens at the others. */
const addresses = async (catalog: string): Promise<Record<string, string>> => ({
  PORT: '0',
  ADMIN_PORT: '0',
  HOST: '127.0.0.1',
  ACCOUNTS_CUSTOMERS_ENDPOINTS: `http://127.0.0.1:${await freePort()}`,
  CATALOG_PRODUCTS_ENDPOINTS: catalog,
  ORDERS_ORDERS_ENDPOINTS: `http://127.0.0.1:${await freePort()}`,
  INVENTORY_STOCK_ENDPOINTS: `grpc://127.0.0.1:${await freePort()}`,
});

const runQuery = async (graphql: string, query: string): Promise<unknown> => {
  const headers = { 'content-type': 'application/json', 'accept-language': 'de' };
  return (await fetch(graphql, { method: 'POST', headers, body: JSON.stringify({ query }) })).json();
};

test('the same folder runs outside the repository without further packages', async () => {
  const catalog = await startMock('catalog');
  onTestFinished(() => catalog.close());
  const schema = join(home, 'team/schema');
  cpSync(join(checkout, 'schema'), schema, { recursive: true });
  rmSync(join(schema, 'reviews/schema.generated.ts'));
  const outside = contentsOf(checkout);

  const variables = commands('export REVIEWS_REVIEWS_ENDPOINTS').replace('npm run demo\n', '');
  const gateway = shell(`${here(variables)}\n${commands('npm start')}`, await addresses(catalog.url));
  const [, graphql = ''] = await gateway.waitFor(/Tributary is ready: (\S+)/);
  const before = services.calls.length;
  const answer = await runQuery(
    graphql,
    '{ review(id: "r2") { stars product { name rating { count } reviews { id } } } nobody: review(id: "r9") { id } }',
  );
  expect(answer).toEqual({
    data: {
      review: { stars: 2, product: { name: expect.stringMatching(/\w/), rating: null, reviews: [{ id: 'r2' }] } },
      nobody: null,
    },
  });
  expect(services.calls.slice(before).toSorted()).toEqual(
    [
      'BatchGet p3',
      'GET /reviews/r2 in de',
      'GET /reviews/r9 in de',
      'GET /reviews?products=p3&latest=3 in de',
    ].toSorted(),
  );
  expect(readFileSync(join(schema, 'reviews/schema.generated.ts'), 'utf8')).toBe(
    readFileSync(join(checkout, 'schema/reviews/schema.generated.ts'), 'utf8'),
  );
  expect(contentsOf(checkout)).toEqual(outside);
});

test('the module passes its own test in a repository with Tributary as a development dependency', async () => {
  const team = join(home, 'team');
  rmSync(team, { recursive: true, force: true });
  for (const { file, text } of filesIn('~/team/')) writeIn(home, file?.replace('~/', '') ?? '', text);
  writeIn(team, 'package.json', '{ "name": "team", "private": true, "type": "module" }');
  cpSync(join(checkout, 'schema/reviews'), join(team, 'schema/reviews'), { recursive: true });
  // The packages are linked from here instead of installed, so that the test needs no network.
  const packages = ['vitest', 'typescript', 'zod', '@types/node'].map((name) => join(ROOT, 'node_modules', name));
  const script = commands('npm install --save-dev')
    .replace('vitest typescript zod @types/node', packages.join(' '))
    .replace('--save-dev', '--save-dev --offline --no-audit --no-fund --ignore-scripts');
  expect(script).toContain(packages.join(' '));
  expect(await succeed(script)).toMatch(/Tests +2 passed/);
});

const COMPOSITE = `
import { defineBackend } from 'tributary/backend';
import { scripted, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import offers from './index.ts';

const keys = [{ sku: 'a', region: 'eu' }, { sku: 'a', region: 'us' }, { sku: 'b', region: 'eu' }, { sku: 'a', region: 'eu' }];
const market = defineBackend()({
  name: 'market',
  typeDefs: { text: 'type Query { offers: [Offer] }  type Offer { sku: ID!  region: String! }', file: import.meta.filename },
  merge: { Offer: { key: ['sku', 'region'] } },
  resolvers: { Query: { offers: () => keys } },
});

test('each offer has its own price, whatever the order of rows in the response', async () => {
  const answer = [{ sku: 'b', region: 'eu', price: 3 }, { sku: 'a', region: 'us', price: 2 }, { sku: 'a', region: 'eu', price: 1 }];
  const asked: unknown[] = [];
  const prices = scripted().post('/prices/search', ({ body }: { body: unknown }) => {
    asked.push(body);
    return answer;
  });
  const gateway = testBackend(offers, { prices }, { beside: [market] });
  const { data, errors } = await gateway.query('{ offers { price } }');
  expect(errors).toBeUndefined();
  expect(data.offers.map(({ price }: { price: number }) => price)).toEqual([1, 2, 3, 1]);
  expect(asked).toEqual([keys.slice(0, 3)]);
});
`;

test('the composite key of the document matches rows by all its fields', async () => {
  const folder = join(checkout, 'schema/offers');
  onTestFinished(() => rmSync(folder, { recursive: true }));
  write(checkout, filesIn('schema/offers/'));
  writeIn(folder, 'index.test.ts', COMPOSITE);
  const script =
    'npm run codegen && npx biome check schema/offers/index.ts && npx tsc --noEmit && npx vitest run schema/offers';
  expect(await succeed(script)).toMatch(/Tests +1 passed/);
});

const defined = (name: string, sdl: string, rest = ''): string => `
import { defineBackend, enumeration, grpc, loaded } from 'tributary/backend';
export default defineBackend()({
  name: '${name}',
  typeDefs: { text: '${sdl}', file: import.meta.filename },
  ${rest}
});`;

/** Modules with each mistake in the document's table. */
const WRONG: Readonly<Record<string, string>> = {
  ratings: defined('reviews', 'type Query { ratings: Int }'),
  empty: 'export default 1;',
  a: defined(
    'a',
    'type Query { product: Int }  type Review { id: ID! }  scalar Money',
    `merge: { Produkt: { key: 'id' }, Review: { key: 'number' } },
    upstreams: { stock: grpc({ proto: './stock.proto', service: 'stock.v1.Stock' }) },`,
  ),
  b: defined(
    'b',
    'type Query { product: Int }  type Mutation { write: Payload }  type Payload { mutation: Mutation }  interface Parcel { weight: Int }  type Product implements Parcel { weight: Int @inaccessible }  enum OrderStatus { PENDING SHIPPED }',
    `upstreams: { stock: grpc({ proto: './x.proto', protoPaths: ['./x.proto'], service: 'x.X' }) },
    resolvers: { Query: { product: loaded('reviewsOfProdukt', 'id') }, OrderStatus: enumeration({ PENDING: 0 }) },`,
  ),
  catalog: defined(
    'catalog',
    'type Product { id: ID! price: Price size: Int }  type Price { units: Int }  type Reports { id: ID! }',
    `merge: { Product: { keys: [{ key: 'id' }, { key: ['id'] }] }, Reports: { key: 'id' } },`,
  ),
  labels: defined(
    'labels',
    'type Product { id: ID! label: String size: Int @shareable }  type Reports { sold: Int }',
    `merge: { Product: { key: 'id', needs: { label: ['price { unit }'] } }, Reports: { key: [] } },
    resolvers: { Product: { label: () => null }, Reports: { sold: () => 1 } },`,
  ),
  library: defined(
    'library',
    'interface Node { url: String }  interface Work { url: String }  type Book implements Node & Work { url: String }',
    'resolvers: { Node: { url: () => null }, Work: { url: () => null } },',
  ),
  pages: defined('pages', 'interface Node { url: String }', 'resolvers: { Node: { url: () => null } },'),
  reviews: defined(
    'reviews',
    'type Query { review: Int }',
    `upstreams: { ratings: grpc({ proto: './ratings.proto', service: 'ratings.v1.Ratings' }), prices: grpc({ proto: './ratings.proto', service: 'ratings.v1.Rating' }) },`,
  ),
};

test('every mistake of the table is reported in one start, in the words of the table, before any port opens', async () => {
  const schema = join(home, 'wrong');
  for (const [folder, text] of Object.entries(WRONG)) writeIn(schema, `${folder}/index.ts`, text);
  cpSync(join(checkout, 'schema/reviews/ratings.proto'), join(schema, 'reviews/ratings.proto'));
  writeIn(schema, 'a/stock.proto', 'syntax = "proto3"; import "shop/common/v1/money.proto";');
  writeIn(schema, 'b/x.proto', 'syntax = "proto3"; package x; service X {}');
  const gateway = shell('npm start', {
    SCHEMA_DIR: schema,
    REVIEWS_PRICES_ENDPOINTS: 'http://127.0.0.1:1',
    PORT: '0',
    ADMIN_PORT: '0',
  });
  expect((await gateway.ended).code).toBe(1);
  const table = [...readFileSync(join(ROOT, DOCUMENT), 'utf8').matchAll(/^\| `([^|]+)` \| .+ \|$/gm)].map(
    ([, words = '']) => words,
  );
  const says = table.slice(table.indexOf('REVIEWS_RATINGS_ENDPOINTS is not set'));
  expect(says.length).toBeGreaterThan(8);
  for (const words of says) expect(gateway.output()).toContain(words);
  expect(gateway.output()).not.toContain('is ready');
});

test('every excerpt of the document is in the file that it names', () => {
  const excerpts = blocks.filter(({ excerpt }) => excerpt);
  expect(excerpts.length).toBeGreaterThan(4);
  for (const { file, text } of excerpts) expect(readFileSync(join(ROOT, file ?? ''), 'utf8')).toContain(text);
});
