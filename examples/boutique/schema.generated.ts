// Written by `npm run codegen` from schema.graphql and boutique.proto. Do not edit.
import type { Source } from 'tributary/backend';

/** Has exactly one of its fields. */
export type DestinationInput =
  | { readonly address: AddressInput; readonly locker?: never; readonly branch?: never }
  | { readonly address?: never; readonly locker: LockerInput; readonly branch?: never }
  | { readonly address?: never; readonly locker?: never; readonly branch: number };

export interface AddressInput {
  readonly streetAddress: string;
  readonly city: string;
  readonly country: string;
  readonly zipCode: number;
}

export interface LockerInput {
  readonly lockerId: string;
}

export interface CreditCardInput {
  readonly number: string;
  readonly cvv: number;
  readonly expirationYear: number;
  readonly expirationMonth: number;
}

/** Row of a Money: fields with a resolver of their own may be missing. */
export interface MoneySource {
  /** ISO 4217. */
  readonly currencyCode?: string;
  /** A decimal number, not negative: "19.99". */
  readonly amount?: string;
}

/** Row of a Product: fields with a resolver of their own may be missing. */
export interface ProductSource<Rows = {}> {
  readonly id?: string;
  readonly name?: string;
  readonly description?: string;
  readonly picture?: string;
  readonly categories?: readonly string[];
  readonly price?: Source<Rows, 'Money', MoneySource> | null;
  readonly attributes?: readonly Source<Rows, 'Attribute', AttributeSource>[];
  readonly recommendations?: readonly Source<Rows, 'Product', ProductSource<Rows>>[];
}

/** Row of an Attribute: fields with a resolver of their own may be missing. */
export interface AttributeSource {
  readonly key?: string;
  readonly value?: string;
}

/** Row of a Cart: fields with a resolver of their own may be missing. */
export interface CartSource<Rows = {}> {
  readonly items?: readonly Source<Rows, 'CartItem', CartItemSource<Rows>>[];
  /** In US dollars. */
  readonly shippingCost?: Source<Rows, 'Money', MoneySource> | null;
}

/** Row of a CartItem: fields with a resolver of their own may be missing. */
export interface CartItemSource<Rows = {}> {
  /** Null for a product that is no longer sold. */
  readonly product?: Source<Rows, 'Product', ProductSource<Rows>> | null;
  readonly quantity?: number;
}

/** Row of an Order: fields with a resolver of their own may be missing. */
export interface OrderSource<Rows = {}> {
  readonly orderId?: string;
  readonly placedAt?: Date | string | null;
  readonly items?: readonly Source<Rows, 'OrderItem', OrderItemSource<Rows>>[];
  readonly shippingCost?: Source<Rows, 'Money', MoneySource> | null;
  readonly destination?: DestinationSource<Rows> | null;
}

/** Row of an OrderItem: fields with a resolver of their own may be missing. */
export interface OrderItemSource<Rows = {}> {
  readonly item?: Source<Rows, 'CartItem', CartItemSource<Rows>> | null;
  /** Of one unit. */
  readonly cost?: Source<Rows, 'Money', MoneySource> | null;
}

/** Row of an Address: fields with a resolver of their own may be missing. */
export interface AddressSource {
  readonly streetAddress?: string;
  readonly city?: string;
  readonly country?: string;
  readonly zipCode?: number;
}

/** Row of a Locker: fields with a resolver of their own may be missing. */
export interface LockerSource {
  readonly lockerId?: string;
}

/** Row of a Branch: fields with a resolver of their own may be missing. */
export interface BranchSource {
  readonly number?: number;
}

/** Row of a Destination: `__typename` names its type. */
export type DestinationSource<Rows = {}> =
  | (Source<Rows, 'Address', AddressSource> & { readonly __typename: 'Address' })
  | (Source<Rows, 'Locker', LockerSource> & { readonly __typename: 'Locker' })
  | (Source<Rows, 'Branch', BranchSource> & { readonly __typename: 'Branch' });

export interface EmptyMessageInit {}

export interface ListProductsResponseMessage {
  readonly products: readonly ProductMessage[];
}

export interface ProductMessage {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly picture: string;
  readonly priceUsd: MoneyMessage | null;
  readonly categories: readonly string[];
  /** Free text by name: "colour": "black". */
  readonly attributes: { readonly [key: string]: string };
}

/** An amount of money, as in google.type.Money. */
export interface MoneyMessage {
  /** ISO 4217. */
  readonly currencyCode: string;
  /** Whole units. */
  readonly units: string;
  /** Billionths of a unit, with the sign of the units. */
  readonly nanos: number;
}

export interface GetProductRequestMessageInit {
  readonly id?: string | null | undefined;
}

export interface SearchProductsRequestMessageInit {
  /** Part of a name or a description. All products match an empty one. */
  readonly query?: string | null | undefined;
}

export interface SearchProductsResponseMessage {
  readonly results: readonly ProductMessage[];
}

export interface ListRecommendationsRequestMessageInit {
  readonly userId?: string | null | undefined;
  /** Products that the recommendations resemble. */
  readonly productIds?: readonly string[] | null | undefined;
}

export interface ListRecommendationsResponseMessage {
  readonly productIds: readonly string[];
}

export interface GetSupportedCurrenciesResponseMessage {
  readonly currencyCodes: readonly string[];
}

export interface CurrencyConversionRequestMessageInit {
  readonly from?: MoneyMessageInit | null | undefined;
  readonly toCode?: string | null | undefined;
}

/** An amount of money, as in google.type.Money. */
export interface MoneyMessageInit {
  /** ISO 4217. */
  readonly currencyCode?: string | null | undefined;
  /** Whole units. */
  readonly units?: string | number | bigint | null | undefined;
  /** Billionths of a unit, with the sign of the units. */
  readonly nanos?: number | null | undefined;
}

export interface AddItemRequestMessageInit {
  /** Session of the visitor. */
  readonly userId?: string | null | undefined;
  readonly item?: CartItemMessageInit | null | undefined;
}

export interface CartItemMessageInit {
  readonly productId?: string | null | undefined;
  readonly quantity?: number | null | undefined;
}

export interface EmptyMessage {}

export interface GetCartRequestMessageInit {
  readonly userId?: string | null | undefined;
}

export interface CartMessage {
  readonly userId: string;
  readonly items: readonly CartItemMessage[];
}

export interface CartItemMessage {
  readonly productId: string;
  readonly quantity: number;
}

export interface GetQuoteRequestMessageInit {
  readonly items?: readonly CartItemMessageInit[] | null | undefined;
  readonly address?: AddressMessageInit | null | undefined;
  readonly locker?: LockerMessageInit | null | undefined;
  /** Number of a branch. */
  readonly branch?: number | null | undefined;
}

export interface AddressMessageInit {
  readonly streetAddress?: string | null | undefined;
  readonly city?: string | null | undefined;
  readonly country?: string | null | undefined;
  readonly zipCode?: number | null | undefined;
}

export interface LockerMessageInit {
  readonly lockerId?: string | null | undefined;
}

export interface GetQuoteResponseMessage {
  readonly costUsd: MoneyMessage | null;
}

export interface PlaceOrderRequestMessageInit {
  readonly userId?: string | null | undefined;
  readonly userCurrency?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly creditCard?: CreditCardInfoMessageInit | null | undefined;
  readonly address?: AddressMessageInit | null | undefined;
  readonly locker?: LockerMessageInit | null | undefined;
  readonly branch?: number | null | undefined;
}

export interface CreditCardInfoMessageInit {
  readonly number?: string | null | undefined;
  readonly cvv?: number | null | undefined;
  readonly expirationYear?: number | null | undefined;
  readonly expirationMonth?: number | null | undefined;
}

export interface OrderMessage {
  readonly orderId: string;
  readonly placedAt: string | null;
  readonly items: readonly OrderItemMessage[];
  readonly shippingCost: MoneyMessage | null;
  readonly address?: AddressMessage;
  readonly locker?: LockerMessage;
  readonly branch?: number;
}

export interface OrderItemMessage {
  readonly item: CartItemMessage | null;
  readonly cost: MoneyMessage | null;
}

export interface AddressMessage {
  readonly streetAddress: string;
  readonly city: string;
  readonly country: string;
  readonly zipCode: number;
}

export interface LockerMessage {
  readonly lockerId: string;
}

export interface ListOrdersRequestMessageInit {
  readonly userId?: string | null | undefined;
  readonly placedAfter?: string | Date | null | undefined;
}

export interface ListOrdersResponseMessage {
  readonly orders: readonly OrderMessage[];
}

/** Messages as rows of the types with their names, for `Schema<MessageRows>`. */
export interface MessageRows {
  readonly Money: MoneyMessage;
  readonly Product: ProductMessage;
  readonly Cart: CartMessage;
  readonly CartItem: CartItemMessage;
  readonly Order: OrderMessage;
  readonly OrderItem: OrderItemMessage;
  readonly Address: AddressMessage;
  readonly Locker: LockerMessage;
}

/** Everything that this module declares, for `defineBackend<Schema>()`. */
export interface Schema<Rows = {}> {
  readonly objects: {
    readonly Query: {
      readonly source: unknown;
      readonly fields: {
        readonly product: {
          readonly args: { readonly id: string };
          readonly result: Source<Rows, 'Product', ProductSource<Rows>> | null;
        };
        /** All products without a query. */
        readonly products: {
          readonly args: { readonly query?: string | null };
          readonly result: readonly Source<Rows, 'Product', ProductSource<Rows>>[];
        };
        /** The cart of a session. The id of a session cannot be guessed. */
        readonly cart: {
          readonly args: { readonly userId: string };
          readonly result: Source<Rows, 'Cart', CartSource<Rows>>;
        };
        readonly orders: {
          readonly args: { readonly userId: string; readonly placedAfter?: Date | null };
          readonly result: readonly Source<Rows, 'Order', OrderSource<Rows>>[];
        };
      };
    };
    readonly Mutation: {
      readonly source: unknown;
      readonly fields: {
        readonly addToCart: {
          readonly args: { readonly userId: string; readonly productId: string; readonly quantity: number };
          readonly result: Source<Rows, 'Cart', CartSource<Rows>>;
        };
        readonly placeOrder: {
          readonly args: {
            readonly userId: string;
            readonly userCurrency: string;
            readonly email: string;
            readonly creditCard: CreditCardInput;
            readonly to: DestinationInput;
          };
          readonly result: Source<Rows, 'Order', OrderSource<Rows>> | null;
        };
      };
    };
    readonly Money: {
      readonly source: Source<Rows, 'Money', MoneySource>;
      readonly fields: {
        readonly currencyCode: { readonly args: {}; readonly result: string };
        readonly amount: { readonly args: {}; readonly result: string };
      };
    };
    readonly Product: {
      readonly source: Source<Rows, 'Product', ProductSource<Rows>>;
      readonly fields: {
        readonly id: { readonly args: {}; readonly result: string };
        readonly name: { readonly args: {}; readonly result: string };
        readonly description: { readonly args: {}; readonly result: string };
        readonly picture: { readonly args: {}; readonly result: string };
        readonly categories: { readonly args: {}; readonly result: readonly string[] };
        readonly price: {
          readonly args: { readonly currency: string };
          readonly result: Source<Rows, 'Money', MoneySource> | null;
        };
        readonly attributes: {
          readonly args: {};
          readonly result: readonly Source<Rows, 'Attribute', AttributeSource>[];
        };
        readonly recommendations: {
          readonly args: {};
          readonly result: readonly Source<Rows, 'Product', ProductSource<Rows>>[];
        };
      };
    };
    readonly Attribute: {
      readonly source: Source<Rows, 'Attribute', AttributeSource>;
      readonly fields: {
        readonly key: { readonly args: {}; readonly result: string };
        readonly value: { readonly args: {}; readonly result: string };
      };
    };
    readonly Cart: {
      readonly source: Source<Rows, 'Cart', CartSource<Rows>>;
      readonly fields: {
        readonly items: {
          readonly args: {};
          readonly result: readonly Source<Rows, 'CartItem', CartItemSource<Rows>>[];
        };
        readonly shippingCost: {
          readonly args: { readonly to: DestinationInput };
          readonly result: Source<Rows, 'Money', MoneySource> | null;
        };
      };
    };
    readonly CartItem: {
      readonly source: Source<Rows, 'CartItem', CartItemSource<Rows>>;
      readonly fields: {
        readonly product: { readonly args: {}; readonly result: Source<Rows, 'Product', ProductSource<Rows>> | null };
        readonly quantity: { readonly args: {}; readonly result: number };
      };
    };
    readonly Order: {
      readonly source: Source<Rows, 'Order', OrderSource<Rows>>;
      readonly fields: {
        readonly orderId: { readonly args: {}; readonly result: string };
        readonly placedAt: { readonly args: {}; readonly result: Date | string | null };
        readonly items: {
          readonly args: {};
          readonly result: readonly Source<Rows, 'OrderItem', OrderItemSource<Rows>>[];
        };
        readonly shippingCost: { readonly args: {}; readonly result: Source<Rows, 'Money', MoneySource> | null };
        readonly destination: { readonly args: {}; readonly result: DestinationSource<Rows> | null };
      };
    };
    readonly OrderItem: {
      readonly source: Source<Rows, 'OrderItem', OrderItemSource<Rows>>;
      readonly fields: {
        readonly item: { readonly args: {}; readonly result: Source<Rows, 'CartItem', CartItemSource<Rows>> | null };
        readonly cost: { readonly args: {}; readonly result: Source<Rows, 'Money', MoneySource> | null };
      };
    };
    readonly Address: {
      readonly source: Source<Rows, 'Address', AddressSource>;
      readonly fields: {
        readonly streetAddress: { readonly args: {}; readonly result: string };
        readonly city: { readonly args: {}; readonly result: string };
        readonly country: { readonly args: {}; readonly result: string };
        readonly zipCode: { readonly args: {}; readonly result: number };
      };
    };
    readonly Locker: {
      readonly source: Source<Rows, 'Locker', LockerSource>;
      readonly fields: {
        readonly lockerId: { readonly args: {}; readonly result: string };
      };
    };
    readonly Branch: {
      readonly source: Source<Rows, 'Branch', BranchSource>;
      readonly fields: {
        readonly number: { readonly args: {}; readonly result: number };
      };
    };
  };
  readonly abstracts: {
    readonly Destination: 'Address' | 'Locker' | 'Branch';
  };
  readonly enums: {};
  readonly scalars: never;
  readonly needs: {};
  readonly services: {
    readonly 'boutique.v1.ProductCatalogService': {
      readonly listProducts: { readonly request: EmptyMessageInit; readonly response: ListProductsResponseMessage };
      readonly getProduct: { readonly request: GetProductRequestMessageInit; readonly response: ProductMessage };
      readonly searchProducts: {
        readonly request: SearchProductsRequestMessageInit;
        readonly response: SearchProductsResponseMessage;
      };
    };
    readonly 'boutique.v1.RecommendationService': {
      readonly listRecommendations: {
        readonly request: ListRecommendationsRequestMessageInit;
        readonly response: ListRecommendationsResponseMessage;
      };
    };
    readonly 'boutique.v1.CurrencyService': {
      readonly getSupportedCurrencies: {
        readonly request: EmptyMessageInit;
        readonly response: GetSupportedCurrenciesResponseMessage;
      };
      readonly convert: { readonly request: CurrencyConversionRequestMessageInit; readonly response: MoneyMessage };
    };
    readonly 'boutique.v1.CartService': {
      readonly addItem: { readonly request: AddItemRequestMessageInit; readonly response: EmptyMessage };
      readonly getCart: { readonly request: GetCartRequestMessageInit; readonly response: CartMessage };
    };
    readonly 'boutique.v1.ShippingService': {
      readonly getQuote: { readonly request: GetQuoteRequestMessageInit; readonly response: GetQuoteResponseMessage };
    };
    readonly 'boutique.v1.CheckoutService': {
      readonly placeOrder: { readonly request: PlaceOrderRequestMessageInit; readonly response: OrderMessage };
      readonly listOrders: {
        readonly request: ListOrdersRequestMessageInit;
        readonly response: ListOrdersResponseMessage;
      };
    };
  };
}
