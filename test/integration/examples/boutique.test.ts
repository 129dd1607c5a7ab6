import { expect, test } from 'vitest';
import boutique from '../../../examples/boutique/index.ts';
import { startBoutique } from '../../../examples/boutique/mock.ts';
import { startGateway } from '../../support/gateway/gateway.ts';

const SERVICES = ['CATALOG', 'RECOMMENDATIONS', 'CURRENCY', 'CARTS', 'SHIPPING', 'CHECKOUT'];

const start = async () => {
  const mock = await startBoutique();
  const endpoints = SERVICES.map((name) => [`BOUTIQUE_${name}_ENDPOINTS`, mock.url]);
  const gateway = await startGateway(Object.fromEntries(endpoints), [boutique]);
  const stop = async () => {
    await gateway[Symbol.asyncDispose]();
    await mock[Symbol.asyncDispose]();
  };
  return { gateway, mock, [Symbol.asyncDispose]: stop };
};

const ORDER = `mutation($year: Int!) {
  placeOrder(userId: "s1", email: "a@example.com", userCurrency: "EUR", to: { locker: { lockerId: "l1" } },
    creditCard: { number: "4242", cvv: 1, expirationYear: $year, expirationMonth: 1 }) {
    orderId placedAt shippingCost { currencyCode amount }
    items { cost { amount } item { quantity product { name price(currency: "EUR") { amount } } } }
    destination { __typename ... on Locker { lockerId } }
  }
}`;

test('the boutique sells a product that a visitor found, put into the cart and paid', async () => {
  await using shop = await start();
  const found = await shop.gateway.query('{ products(query: "Watch") { id recommendations { name } } }');
  expect(found.data).toEqual({ products: [{ id: 'p2', recommendations: [{ name: 'Sunglasses' }, { name: 'Mug' }] }] });

  const cart = await shop.gateway.query('mutation { addToCart(userId: "s1", productId: "p2") { items { quantity } } }');
  expect(cart.data).toEqual({ addToCart: { items: [{ quantity: 1 }] } });

  const refused = await shop.gateway.query(ORDER, { year: 2_020 });
  expect(refused.errors).toMatchObject([{ path: ['placeOrder'], extensions: { code: 'CONFLICT' } }]);

  const { data, errors } = await shop.gateway.query(ORDER, { year: 2_040 });
  expect({ data, errors }).toEqual({
    data: {
      placeOrder: {
        orderId: 'o1',
        placedAt: '2026-07-01T00:00:00.000Z',
        shippingCost: { currencyCode: 'EUR', amount: '1.00' },
        items: [
          {
            cost: { amount: '54.525' },
            item: { quantity: 1, product: { name: 'Watch', price: { amount: '54.525' } } },
          },
        ],
        destination: { __typename: 'Locker', lockerId: 'l1' },
      },
    },
    errors: [],
  });
  expect(shop.mock.calls.filter((call) => call === 'CheckoutService/PlaceOrder')).toHaveLength(2);

  const later = await shop.gateway.query(
    '{ orders(userId: "s1") { orderId } cart(userId: "s1") { items { quantity } } }',
  );
  expect(later.data).toEqual({ orders: [{ orderId: 'o1' }], cart: { items: [] } });
});

test('a product that does not exist is null over the network, too', async () => {
  await using shop = await start();
  const { data, errors } = await shop.gateway.query('{ product(id: "p9") { name } }');
  expect({ data, errors }).toEqual({ data: { product: null }, errors: [] });
  expect(shop.mock.calls).toEqual(['ProductCatalogService/GetProduct']);
});
