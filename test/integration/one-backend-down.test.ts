import { expect, test } from 'vitest';
import { customer, product } from '../../services-mock/fixtures.ts';
import { BACKEND_NAMES, type BackendName, startMock } from '../../services-mock/start.ts';
import { expectedOrders, expectWhole, expectWithout, orderPageDocument } from '../support/gateway/expected-page.ts';
import { ADMIN, type Answer, errorsOf, type Shop, startShop, VARIABLES } from '../support/gateway/gateway.ts';
import { freePort } from '../support/processes/ports.ts';
import { type RunningProcess, startNode } from '../support/processes/processes.ts';

const PAGE = expectedOrders(20);

const askForPage = (shop: Shop): Promise<Answer> => shop.query(orderPageDocument(20));

for (const backend of BACKEND_NAMES) {
  test(`without ${backend} from the start, the page has the data of the others and one error per missing field`, async () => {
    await using shop = await startShop();
    await shop.end(backend);
    expectWithout(backend, 'SERVICE_UNAVAILABLE', await askForPage(shop), PAGE);
  });

  test(`without ${backend} after it was connected, the page has the data of the others too`, async () => {
    await using shop = await startShop();
    expectWhole(await askForPage(shop), PAGE);
    await shop.end(backend);
    expectWithout(backend, 'SERVICE_UNAVAILABLE', await askForPage(shop), PAGE);
    expectWithout(backend, 'SERVICE_UNAVAILABLE', await askForPage(shop), PAGE);
  });
}

/** A mock in its own process, so that it can be killed. */
const startMockProcess = async (name: BackendName, port: number): Promise<RunningProcess> => {
  const running = startNode('services-mock/main.ts', [name, '--port', String(port), '--control-port', '0']);
  await running.waitFor(new RegExp(`:${port}\\b`));
  return running;
};

for (const backend of ['orders', 'inventory'] as const)
  test(`${backend} is killed and restarted on the same port: the page is complete again`, async () => {
    const port = await freePort();
    const scheme = backend === 'inventory' ? 'grpc' : 'http';
    await using shop = await startShop({ env: { [VARIABLES[backend]]: `${scheme}://127.0.0.1:${port}` } });
    const first = await startMockProcess(backend, port);
    try {
      expectWhole(await askForPage(shop), PAGE);
    } finally {
      await first.stop('SIGKILL');
    }
    expectWithout(backend, 'SERVICE_UNAVAILABLE', await askForPage(shop), PAGE);

    const again = await startMock(backend, { port });
    try {
      await expect.poll(async () => (await askForPage(shop)).errors).toEqual([]);
      expectWhole(await askForPage(shop), PAGE);
    } finally {
      await again.close();
    }
  });

const ROOTS: Readonly<Record<Exclude<BackendName, 'orders'>, { readonly document: string; readonly data: object }>> = {
  accounts: {
    document: '{ customers(first: 2) { nodes { id } } customer(id: "c1") { id } product(id: "p1") { name } }',
    data: { customers: null, customer: null, product: { name: product(1).name } },
  },
  catalog: {
    document: '{ searchProducts { totalCount } product(id: "p1") { id } customer(id: "c1") { name } }',
    data: { searchProducts: null, product: null, customer: { name: customer(1).name } },
  },
  inventory: {
    document: '{ lowStock { id } customer(id: "c1") { name } }',
    data: { lowStock: null, customer: { name: customer(1).name } },
  },
};
for (const [backend, { document, data }] of Object.entries(ROOTS))
  test(`root fields of ${backend} are null without it, and their siblings are not`, async () => {
    await using shop = await startShop();
    const down = BACKEND_NAMES.find((name) => name === backend);
    if (down !== undefined) await shop.end(down);
    const answer = await shop.query(document);
    expect(answer.data).toEqual(data);
    const nulls = Object.entries(data).filter(([, value]) => value === null);
    expect(errorsOf(answer)).toEqual(nulls.map(([field]) => `${field} SERVICE_UNAVAILABLE`).sort());
  });

test('with every backend down, the answer has one error', async () => {
  await using shop = await startShop();
  await Promise.all(BACKEND_NAMES.map(shop.end));
  expectWithout('orders', 'SERVICE_UNAVAILABLE', await askForPage(shop), PAGE);
});

test('a mutation with its backend down has one error, and no other backend is called', async () => {
  await using shop = await startShop();
  await shop.end('orders');
  const answer = await shop.query(
    'mutation { placeOrder(input: { customerId: "c1", items: [{ productId: "p1" }], clientMutationId: "m" }) { order { id } } }',
    {},
    ADMIN,
  );
  expect(answer.data).toEqual({ placeOrder: null });
  expect(errorsOf(answer)).toEqual(['placeOrder SERVICE_UNAVAILABLE']);
});
