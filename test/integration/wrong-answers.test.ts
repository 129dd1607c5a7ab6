import { afterAll, beforeAll, expect, test } from 'vitest';
import { customer, DEFAULT_SIZES, order, product } from '../../services-mock/fixtures.ts';
import { BACKEND_NAMES, type BackendName } from '../../services-mock/start.ts';
import { answerJson, rawBackend } from '../support/backends/raw-backend.ts';
import {
  expectedOrders,
  expectWhole,
  expectWithout,
  idsOn,
  orderPageDocument,
  ordersOf,
  withoutBackend,
} from '../support/gateway/expected-page.ts';
import {
  type Answer,
  errorsOf,
  expectErrorsAtNulls,
  type Shop,
  startShop,
  VARIABLES,
} from '../support/gateway/gateway.ts';
import { type RawServer, rawServer } from '../support/grpc/grpc-server.ts';

type RestName = Exclude<BackendName, 'inventory'>;
type RowJson = Readonly<Record<string, unknown>>;

const PAGE = expectedOrders(20);
const { customers, products } = idsOn(PAGE);
const numbers = (ids: ReadonlySet<string>) => [...ids].map((id) => Number(id.slice(1)));

/** Correct rows of each REST backend for the one call of the page, and a text field of these rows. */
const RIGHT: Readonly<Record<RestName, { readonly rows: readonly RowJson[]; readonly text: string }>> = {
  accounts: { rows: numbers(customers).map((n) => ({ ...customer(n) })), text: 'email' },
  catalog: { rows: numbers(products).map((n) => ({ ...product(n) })), text: 'name' },
  orders: {
    rows: Array.from({ length: 20 }, (_, at) => ({ ...order(DEFAULT_SIZES.orders - at, DEFAULT_SIZES) })),
    text: 'status',
  },
};
const REST_NAMES: readonly RestName[] = ['accounts', 'catalog', 'orders'];

/** A shop with one REST backend that answers everything with one body. */
const startRaw = async (backend: RestName) => {
  let body = '';
  const raw = await rawBackend((request, response) => answerJson(body)(request, response));
  const shop = await startShop({ env: { [VARIABLES[backend]]: raw.url } });
  return {
    pageFrom: (next: string): Promise<Answer> => {
      body = next;
      return shop.query(orderPageDocument(20));
    },
    close: async () => {
      await shop[Symbol.asyncDispose]();
      await raw[Symbol.asyncDispose]();
    },
  };
};

// Invalid answers open no circuit, and the shop caches none: the tests are independent.
const raws = new Map<RestName, Awaited<ReturnType<typeof startRaw>>>();
let spoilt: Shop;
beforeAll(async () => {
  for (const name of REST_NAMES) raws.set(name, await startRaw(name));
  spoilt = await startShop();
});
afterAll(async () => {
  for (const raw of raws.values()) await raw.close();
  await spoilt[Symbol.asyncDispose]();
});

const pageFromRaw = async (backend: RestName, body: string): Promise<Answer> => {
  const page = await raws.get(backend)?.pageFrom(body);
  if (page === undefined) throw new Error(`${backend} was not started.`);
  return page;
};

/** The page while one backend has this fault. */
const pageWithFault = async (backend: BackendName, kind: string): Promise<Answer> => {
  await spoilt.setFaults(backend, { route: '*', kind });
  const page = await spoilt.query(orderPageDocument(20));
  await spoilt.setFaults(backend);
  return page;
};

type Spoil = (rows: readonly RowJson[], text: string) => unknown;
const inFirst =
  (change: (row: RowJson, text: string) => unknown): Spoil =>
  ([first = {}, ...others], text) => [change(first, text), ...others];
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

const MISFITS: Readonly<Record<string, Spoil>> = {
  'a number as text': inFirst((row, text) => ({ ...row, [text]: 7 })),
  'null as text': inFirst((row, text) => ({ ...row, [text]: null })),
  'a number as id': inFirst((row) => ({ ...row, id: 7 })),
  'a row without a field': inFirst((row, text) => ({ ...row, [text]: undefined })),
  'a list as a row': inFirst((row) => [row]),
  'null in the list': (rows) => [null, ...rows],
  'an object as the list': (rows) => ({ items: rows }),
  'null as the list': () => null,
  'text as the list': () => 'rows',
};

const FITTING: Readonly<Record<string, Spoil>> = {
  'unknown fields': (rows) => rows.map((row) => ({ ...row, constructor: 1, surprise: { of: [row] } })),
  'the correct rows': (rows) => rows,
};

/** Harmless for rows that are matched by key. The list of orders is taken as the backend sends it. */
const OF_OTHERS: Readonly<Record<string, Spoil>> = {
  'unrequested rows': (rows) => [...rows.map((row) => ({ ...row, id: `another ${row.id}` })), ...rows],
  'a second, different row of the same id': (rows, text) => [
    ...rows,
    ...rows.map((row) => ({ ...row, [text]: 'Somebody else' })),
  ],
  'another order': (rows) => rows.toReversed(),
};

for (const backend of REST_NAMES) {
  const { rows, text } = RIGHT[backend];
  for (const [what, spoil] of Object.entries(MISFITS))
    test(`${backend} answers ${what}: its fields are UPSTREAM_BAD_RESPONSE`, async () =>
      expectWithout(
        backend,
        'UPSTREAM_BAD_RESPONSE',
        await pageFromRaw(backend, JSON.stringify(spoil(rows, text))),
        PAGE,
      ));

  for (const [what, spoil] of Object.entries(backend === 'orders' ? FITTING : { ...FITTING, ...OF_OTHERS }))
    test(`${backend} answers ${what}: the page is complete`, async () =>
      expectWhole(await pageFromRaw(backend, JSON.stringify(spoil(rows, text))), PAGE));

  const DEEP = {
    'lists 10,000 deep': { body: nested(10_000), code: 'UPSTREAM_BAD_RESPONSE' },
    'an id 10,000 deep': { body: `[{"id":${nested(10_000)}}]`, code: 'UPSTREAM_BAD_RESPONSE' },
    'an empty body': { body: '', code: 'UPSTREAM_BAD_RESPONSE' },
    'an unknown field 10,000 deep': {
      body: JSON.stringify(rows).replaceAll('"id"', `"deep":${nested(10_000)},"id"`),
      code: null,
    },
    'a __proto__ in every object': {
      body: JSON.stringify(rows).replaceAll('{', '{"__proto__":{"polluted":true},'),
      code: null,
    },
  };
  for (const [what, { body, code }] of Object.entries(DEEP))
    test(`${backend} answers ${what}: ${code ?? 'the page is complete'}`, async () => {
      const answer = await pageFromRaw(backend, body);
      if (code === null) expectWhole(answer, PAGE);
      else expectWithout(backend, code, answer, PAGE);
      expect('polluted' in {}).toBe(false);
    });
}

for (const backend of BACKEND_NAMES)
  test(`${backend} answers a page of HTML with status 200: UPSTREAM_BAD_RESPONSE`, async () => {
    expectWithout(backend, 'UPSTREAM_BAD_RESPONSE', await pageWithFault(backend, 'html'), PAGE);
  });

// Faults that change the set or the order of rows: no row may be mistaken for another.
for (const backend of ['accounts', 'catalog', 'inventory'] as const) {
  for (const [kind, how] of Object.entries({ reorder: 'in another order', duplicate: 'with a duplicate' }))
    test(`rows of ${backend}, ${how}, are matched to their keys`, async () =>
      expectWhole(await pageWithFault(backend, kind), PAGE));

  test(`a row that ${backend} leaves out is null without an error, and the others are unaffected`, async () => {
    const { data, errors } = await pageWithFault(backend, 'shorten');
    expect(errors).toEqual([]);
    // The mock chooses the missing row: the page must equal that of one entity without its backend.
    const known = { accounts: customers, catalog: products, inventory: products }[backend];
    const candidates = [...known].map((id) => {
      const own = (row: object): boolean => JSON.stringify(row).includes(`"id":"${id}"`);
      const gone = withoutBackend(backend, PAGE).data.orders ?? [];
      return {
        orders: PAGE.map((row, at) => {
          if (backend === 'accounts') return own(row.customer) ? gone[at] : row;
          return {
            ...row,
            items: row.items.map((item, nth) => (own(item.product) ? gone[at]?.items[nth] : item)),
          };
        }),
      };
    });
    expect(candidates).toContainEqual(data);
    expect(data).not.toEqual({ orders: PAGE });
  });
}

const LISTS = { reorder: PAGE.toReversed(), shorten: PAGE.slice(0, -1), duplicate: [...PAGE.slice(0, 1), ...PAGE] };
for (const [kind, page] of Object.entries(LISTS))
  test(`a list of orders keeps the order of the backend (${kind}), with the right data for each`, async () => {
    const { data, errors } = await pageWithFault('orders', kind);
    expect({ errors, data }).toEqual({ errors: [], data: { orders: page } });
  });

test('orders of other customers, or more than requested, are dropped', async () => {
  const theirs = ['c1', 'c2', 'c3'].flatMap((id) => ordersOf(id, 4));
  await using raw = await rawBackend(answerJson(JSON.stringify(theirs.toReversed())));
  await using shop = await startShop({ env: { [VARIABLES.orders]: raw.url } });
  const { data, errors } = await shop.query(
    '{ a: customer(id: "c1") { orders(first: 4) { id } } b: customer(id: "c2") { orders(first: 2) { id } } c: customer(id: "c4") { orders { id } } }',
  );
  const last = (id: string, first: number) =>
    ordersOf(id, 4)
      .toReversed()
      .slice(0, first)
      .map((row) => ({ id: row.id }));
  expect(errors).toEqual([]);
  expect(data).toEqual({ a: { orders: last('c1', 4) }, b: { orders: last('c2', 2) }, c: { orders: [] } });
});

const SINGLE: Readonly<Record<string, readonly [RestName, string]>> = {
  order: ['orders', '{ order(id: "o1") { id } orders(first: 1) { id } }'],
  customers: ['accounts', '{ customers { nodes { id } } order(id: "o1") { id } }'],
  searchProducts: ['catalog', '{ searchProducts { totalCount nodes { id } } order(id: "o1") { id } }'],
};
for (const [field, [backend, document]] of Object.entries(SINGLE))
  test(`${field} of a backend that sends another type is null, with one error`, async () => {
    await using shop = await startShop();
    const value = field === 'order' ? [order(1, DEFAULT_SIZES)] : { id: 'o1' };
    const route = { order: 'GET /orders/{id}', customers: 'GET /customers', searchProducts: 'GET /products/search' };
    await shop.setFaults(backend, { route: Reflect.get(route, field), kind: 'answer', value });
    const answer = await shop.query(document);
    expect(errorsOf(answer)).toEqual([`${field} UPSTREAM_BAD_RESPONSE`]);
    expectErrorsAtNulls(answer);
    const other = field === 'order' ? { orders: [{ id: 'o5000' }] } : { order: { id: 'o1' } };
    expect(answer.data).toEqual({ [field]: null, ...other });
  });

const MEBIBYTE = 1_048_576;

for (const backend of REST_NAMES)
  for (const announced of [true, false])
    test(`a 20 MB response from ${backend}, ${announced ? 'announced' : 'unannounced'}, is not read to its end`, async () => {
      const chunk = Buffer.alloc(65_536, ' ');
      const written: number[] = [];
      await using raw = await rawBackend((request, response) => {
        // Ignores health checks, which run in the background.
        if (request.url === '/health') return void response.end();
        const call = written.push(0) - 1;
        response.writeHead(200, {
          'content-type': 'application/json',
          ...(announced && { 'content-length': 20 * MEBIBYTE }),
        });
        const more = (): void => {
          const already = written[call] ?? 0;
          if (already >= 20 * MEBIBYTE || response.destroyed) return void response.end();
          written[call] = already + chunk.length;
          response.write(chunk, () => setImmediate(more));
        };
        more();
      });
      await using shop = await startShop({ env: { [VARIABLES[backend]]: raw.url } });
      expectWithout(backend, 'UPSTREAM_RESPONSE_TOO_LARGE', await shop.query(orderPageDocument(20)), PAGE);
      // The gateway reads at most 10 MiB; the buffers of two sockets are in transit in addition.
      expect(written).toEqual([expect.any(Number)]);
      expect(written[0]).toBeLessThan(18 * MEBIBYTE);
    });

const shopWithInventory = (server: RawServer): Promise<Shop> =>
  startShop({ env: { [VARIABLES.inventory]: `grpc://127.0.0.1:${server.port}` } });

const GRPC = { ':status': 200, 'content-type': 'application/grpc' };

/** A message prefix that announces this length, followed by these bytes. */
const framed = (length: number, message: Buffer): Buffer => {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
};

const message = (bytes: readonly number[]): Buffer => framed(bytes.length, Buffer.from(bytes));

const MESSAGES: Readonly<Record<string, { readonly bytes: Buffer; readonly code: string | null }>> = {
  '20 MB': { bytes: framed(20 * MEBIBYTE, Buffer.alloc(MEBIBYTE)), code: 'UPSTREAM_RESPONSE_TOO_LARGE' },
  'groups 10,000 deep': { bytes: message(Array<number>(10_000).fill(0x1b)), code: 'UPSTREAM_BAD_RESPONSE' },
  'text that is not UTF-8': { bytes: message([0x0a, 3, 0x0a, 1, 0xff]), code: null },
  'a row without an id': { bytes: message([0x0a, 2, 0x10, 9]), code: null },
  'a number as the rows': { bytes: message([0x08, 1]), code: 'UPSTREAM_BAD_RESPONSE' },
  'no row': { bytes: message([]), code: null },
  'two messages': { bytes: Buffer.concat([message([]), message([])]), code: 'UPSTREAM_BAD_RESPONSE' },
  'no message': { bytes: Buffer.alloc(0), code: 'UPSTREAM_BAD_RESPONSE' },
};
for (const [what, { bytes, code }] of Object.entries(MESSAGES))
  test(`inventory answers ${what}: ${code ?? 'no stock is known'}`, async () => {
    await using server = await rawServer((stream) => {
      stream.respond(GRPC, { waitForTrailers: true });
      stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(bytes);
    });
    await using shop = await shopWithInventory(server);
    const answer = await shop.query(orderPageDocument(20));
    if (code !== null) return expectWithout('inventory', code, answer, PAGE);
    expect(answer.errors).toEqual([]);
    expect(answer.data).toEqual(withoutBackend('inventory', PAGE).data);
  });
