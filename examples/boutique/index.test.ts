import { reply, scripted, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import boutique from './index.ts';

const idOf = (body: unknown) => z.object({ id: z.string() }).parse(body).id;

const price = { currencyCode: 'USD', units: 19, nanos: 990_000_000 };
const product = (id: string) => ({ id, name: `Name of ${id}`, priceUsd: price, attributes: { colour: 'black' } });

const upstreams = {
  catalog: scripted()
    .unary('SearchProducts', { results: [product('p1'), product('p2'), product('p3')] })
    .unary('GetProduct', ({ body }) =>
      idOf(body) === 'p9' ? reply({ status: 13, body: { message: 'no product with ID p9' } }) : product(idOf(body)),
    ),
  recommendations: scripted().unary('ListRecommendations', { productIds: ['p2', 'p3'] }),
  currency: scripted().unary('Convert', { currencyCode: 'JPY', units: 3_000, nanos: 5 }),
  carts: scripted()
    .unary('AddItem', {})
    .unary('GetCart', {
      items: [
        { productId: 'p1', quantity: 2 },
        { productId: 'p9', quantity: 1 },
      ],
    }),
  shipping: scripted().unary('GetQuote', ({ body }) => ({
    costUsd: { currencyCode: 'USD', units: 'locker' in Object(body) ? 2 : 9 },
  })),
  checkout: scripted().unary('PlaceOrder', reply({ status: 13, body: { message: 'failed to charge card: expired' } })),
};

test('a page of products with one price costs two calls, and amounts have at least two decimals', async () => {
  const gateway = testBackend(boutique, upstreams);
  const { data } = await gateway.query(
    '{ products { id usd: price { amount } jpy: price(currency: "JPY") { amount } } }',
  );
  const row = { usd: { amount: '19.99' }, jpy: { amount: '3000.000000005' } };
  expect(data).toEqual({ products: ['p1', 'p2', 'p3'].map((id) => ({ id, ...row })) });
  expect(gateway.calls).toEqual([
    'boutique.catalog boutique.v1.ProductCatalogService/SearchProducts',
    'boutique.currency boutique.v1.CurrencyService/Convert',
  ]);
});

test('a list of recommendations costs one call for each product', async () => {
  const gateway = testBackend(boutique, upstreams);
  const { data } = await gateway.query('{ product(id: "p1") { attributes { key value } recommendations { name } } }');
  expect(data.product).toEqual({
    attributes: [{ key: 'colour', value: 'black' }],
    recommendations: [{ name: 'Name of p2' }, { name: 'Name of p3' }],
  });
  expect(gateway.calls.map((call) => call.split('/')[1])).toEqual([
    ...['GetProduct', 'ListRecommendations', 'GetProduct', 'GetProduct'],
  ]);
});

test('a product that no longer exists is null, although the service reports INTERNAL', async () => {
  const gateway = testBackend(boutique, upstreams);
  const { data, errors } = await gateway.query(`mutation {
    addToCart(userId: "s1", productId: "p1") { items { quantity product { name } } shippingCost(to: { locker: { lockerId: "l1" } }) { amount } }
  }`);
  expect({ data, errors }).toEqual({
    data: {
      addToCart: {
        items: [
          { quantity: 2, product: { name: 'Name of p1' } },
          { quantity: 1, product: null },
        ],
        shippingCost: { amount: '2.00' },
      },
    },
    errors: undefined,
  });
  expect(gateway.calls).toHaveLength(5);
});

test('a refused card is CONFLICT and is charged once', async () => {
  const gateway = testBackend(boutique, upstreams);
  const { data, errors } = await gateway.query(`mutation {
    placeOrder(userId: "s1", email: "a@example.com", to: { branch: 7 },
      creditCard: { number: "4242", cvv: 1, expirationYear: 2020, expirationMonth: 1 }) { orderId }
  }`);
  expect(data).toEqual({ placeOrder: null });
  expect(errors).toMatchObject([{ path: ['placeOrder'], extensions: { code: 'CONFLICT' } }]);
  expect(gateway.calls).toEqual(['boutique.checkout boutique.v1.CheckoutService/PlaceOrder']);
});
