import { fileURLToPath } from 'node:url';
import { Server, ServerCredentials, type ServiceDefinition, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const PROTO = fileURLToPath(new URL('boutique.proto', import.meta.url));

/** Units of a currency for one US dollar. */
const RATES: Readonly<Record<string, number>> = { USD: 1, EUR: 0.5, JPY: 150 };

interface Money {
  readonly currencyCode: string;
  readonly units: string;
  readonly nanos: number;
}

interface CartItem {
  readonly productId: string;
  readonly quantity: number;
}

const usd = (units: number, nanos = 0): Money => ({ currencyCode: 'USD', units: String(units), nanos });

const PRODUCTS = [
  { id: 'p1', name: 'Sunglasses', description: 'Dark.', picture: '/p1.jpg', priceUsd: usd(19, 990_000_000) },
  { id: 'p2', name: 'Watch', description: 'Gold-tone.', picture: '/p2.jpg', priceUsd: usd(109, 50_000_000) },
  { id: 'p3', name: 'Mug', description: 'Holds tea.', picture: '/p3.jpg', priceUsd: usd(8) },
].map((product) => ({ ...product, categories: ['accessories'], attributes: { colour: 'black' } }));

/** A failure as these services report it: any status other than OK is INTERNAL. */
class Failure extends Error {
  readonly code = status.INTERNAL;
}

const productWith = (id: string) => {
  const product = PRODUCTS.find((candidate) => candidate.id === id);
  if (product === undefined) throw new Failure(`no product with ID ${id}`);
  return product;
};

const converted = ({ units, nanos, currencyCode }: Money, toCode: string): Money => {
  const from = RATES[currencyCode];
  const to = RATES[toCode];
  if (from === undefined || to === undefined) throw new Failure(`unsupported currency ${toCode}`);
  const billionths = BigInt(Math.round(((Number(units) * 1e9 + nanos) / from) * to));
  return {
    currencyCode: toCode,
    units: String(billionths / 1_000_000_000n),
    nanos: Number(billionths % 1_000_000_000n),
  };
};

// biome-ignore lint/suspicious/noExplicitAny: messages of proto-loader have no types.
type Method = (request: any) => unknown;

const servicesOf = (carts: Map<string, CartItem[]>, orders: Map<string, object[]>) =>
  ({
    ProductCatalogService: {
      ListProducts: () => ({ products: PRODUCTS }),
      GetProduct: ({ id }) => productWith(id),
      SearchProducts: ({ query }) => ({ results: PRODUCTS.filter(({ name }) => name.includes(query)) }),
    },
    RecommendationService: {
      ListRecommendations: ({ productIds }) => ({
        productIds: PRODUCTS.map(({ id }) => id).filter((id) => !productIds.includes(id)),
      }),
    },
    CurrencyService: {
      GetSupportedCurrencies: () => ({ currencyCodes: Object.keys(RATES) }),
      Convert: ({ from, toCode }) => converted(from, toCode),
    },
    CartService: {
      AddItem: ({ userId, item }) => void carts.set(userId, [...(carts.get(userId) ?? []), item]),
      GetCart: ({ userId }) => ({ userId, items: carts.get(userId) ?? [] }),
    },
    ShippingService: {
      GetQuote: ({ items, destination }) => ({ costUsd: usd(destination === 'address' ? 8 + items.length : 2) }),
    },
    CheckoutService: {
      PlaceOrder: ({ userId, userCurrency, creditCard, destination, ...request }) => {
        if (creditCard.expirationYear < 2_026) throw new Failure('failed to charge card: your card has expired');
        const bought = carts.get(userId) ?? [];
        const items = bought.map((item) => ({
          item,
          cost: converted(productWith(item.productId).priceUsd, userCurrency),
        }));
        const order = {
          orderId: `o${(orders.get(userId) ?? []).length + 1}`,
          placedAt: { seconds: '1782864000', nanos: 0 },
          items,
          shippingCost: converted(usd(2), userCurrency),
          [destination]: request[destination],
        };
        orders.set(userId, [...(orders.get(userId) ?? []), order]);
        carts.delete(userId);
        return order;
      },
      ListOrders: ({ userId }) => ({ orders: orders.get(userId) ?? [] }),
    },
  }) satisfies Record<string, Record<string, Method>>;

/** The running services, all at one address. */
export interface BoutiqueMock extends AsyncDisposable {
  /** `grpc://127.0.0.1:<port>` */
  readonly url: string;
  /** Routes of the calls so far: `CartService/GetCart`. */
  readonly calls: readonly string[];
}

/** Starts the services on a free port. Carts and orders are kept until the end. */
export const startBoutique = async (): Promise<BoutiqueMock> => {
  const calls: string[] = [];
  const server = new Server();
  const definitions = loadSync(PROTO, { defaults: true, longs: String, oneofs: true });
  for (const [name, methods] of Object.entries(servicesOf(new Map(), new Map()))) {
    // The file declares each of these names as a service.
    const definition = definitions[`boutique.v1.${name}`] as ServiceDefinition;
    const handlers = Object.entries<Method>(methods).map(([method, answer]) => [
      method,
      ({ request }: { request: unknown }, reply: (error: unknown, message?: unknown) => void) => {
        calls.push(`${name}/${method}`);
        try {
          reply(null, answer(request) ?? {});
        } catch (error) {
          reply(error);
        }
      },
    ]);
    server.addService(definition, Object.fromEntries(handlers));
  }
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  return { url: `grpc://127.0.0.1:${port}`, calls, [Symbol.asyncDispose]: async () => server.forceShutdown() };
};
