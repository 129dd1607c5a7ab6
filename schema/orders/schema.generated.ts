// Written by `npm run codegen` from schema.graphql. Do not edit.
import type { Source } from 'tributary/backend';

export type OrderStatus = 'PENDING' | 'PAID' | 'SHIPPED' | 'DELIVERED' | 'CANCELLED';

export interface PlaceOrderInput {
  readonly customerId: string;
  readonly items: readonly OrderItemInput[];
  /** Idempotency key: a retry with the same id returns the first result. */
  readonly clientMutationId: string;
}

export interface OrderItemInput {
  readonly productId: string;
  readonly quantity: number;
}

export interface CancelOrderInput {
  readonly orderId: string;
}

/** Row of an Order: fields with a resolver of their own may be missing. */
export interface OrderSource<Rows = {}> {
  readonly id?: string;
  readonly status?: Source<Rows, 'OrderStatus', OrderStatus>;
  readonly placedAt?: Date | string;
  /** Null for a deleted account. */
  readonly customer?: Source<Rows, 'Customer', CustomerSource<Rows>> | null;
  readonly items?: readonly Source<Rows, 'OrderItem', OrderItemSource<Rows>>[];
}

/** Row of an OrderItem: fields with a resolver of their own may be missing. */
export interface OrderItemSource<Rows = {}> {
  readonly quantity?: number;
  readonly product?: Source<Rows, 'Product', ProductSource> | null;
}

/** Row of a Customer: fields with a resolver of their own may be missing. */
export interface CustomerSource<Rows = {}> {
  readonly id?: string;
  /** Newest first. */
  readonly orders?: readonly Source<Rows, 'Order', OrderSource<Rows>>[] | null;
}

/** Row of a Product: fields with a resolver of their own may be missing. */
export interface ProductSource {
  readonly id?: string;
}

/** Row of a PlaceOrderPayload: fields with a resolver of their own may be missing. */
export interface PlaceOrderPayloadSource<Rows = {}> {
  readonly order?: Source<Rows, 'Order', OrderSource<Rows>>;
}

/** Row of a CancelOrderPayload: fields with a resolver of their own may be missing. */
export interface CancelOrderPayloadSource<Rows = {}> {
  readonly order?: Source<Rows, 'Order', OrderSource<Rows>>;
}

/** Everything that this module declares, for `defineBackend<Schema>()`. */
export interface Schema<Rows = {}> {
  readonly objects: {
    readonly Query: {
      readonly source: unknown;
      readonly fields: {
        /** Orders, newest first. Pass the id of the last order as `after` for the next page. */
        readonly orders: {
          readonly args: { readonly first: number; readonly after?: string | null };
          readonly result: readonly Source<Rows, 'Order', OrderSource<Rows>>[] | null;
        };
        /** The order with this id, or null. */
        readonly order: {
          readonly args: { readonly id: string };
          readonly result: Source<Rows, 'Order', OrderSource<Rows>> | null;
        };
      };
    };
    readonly Mutation: {
      readonly source: unknown;
      readonly fields: {
        /** Fails with UNKNOWN_PRODUCT if an item is not for sale. */
        readonly placeOrder: {
          readonly args: { readonly input: PlaceOrderInput };
          readonly result: Source<Rows, 'PlaceOrderPayload', PlaceOrderPayloadSource<Rows>> | null;
        };
        /** Fails with ORDER_NOT_CANCELLABLE for a shipped, delivered or cancelled order. */
        readonly cancelOrder: {
          readonly args: { readonly input: CancelOrderInput };
          readonly result: Source<Rows, 'CancelOrderPayload', CancelOrderPayloadSource<Rows>> | null;
          readonly caller: 'user';
        };
      };
    };
    readonly Order: {
      readonly source: Source<Rows, 'Order', OrderSource<Rows>>;
      readonly fields: {
        readonly id: { readonly args: {}; readonly result: string };
        readonly status: { readonly args: {}; readonly result: Source<Rows, 'OrderStatus', OrderStatus> };
        readonly placedAt: { readonly args: {}; readonly result: Date | string };
        readonly customer: {
          readonly args: {};
          readonly result: Source<Rows, 'Customer', CustomerSource<Rows>> | null;
        };
        readonly items: {
          readonly args: {};
          readonly result: readonly Source<Rows, 'OrderItem', OrderItemSource<Rows>>[];
        };
      };
    };
    readonly OrderItem: {
      readonly source: Source<Rows, 'OrderItem', OrderItemSource<Rows>>;
      readonly fields: {
        readonly quantity: { readonly args: {}; readonly result: number };
        readonly product: { readonly args: {}; readonly result: Source<Rows, 'Product', ProductSource> | null };
      };
    };
    readonly Customer: {
      readonly source: Source<Rows, 'Customer', CustomerSource<Rows>>;
      readonly fields: {
        readonly id: { readonly args: {}; readonly result: string };
        readonly orders: {
          readonly args: { readonly first: number };
          readonly result: readonly Source<Rows, 'Order', OrderSource<Rows>>[] | null;
        };
      };
    };
    readonly Product: {
      readonly source: Source<Rows, 'Product', ProductSource>;
      readonly fields: {
        readonly id: { readonly args: {}; readonly result: string };
      };
    };
    readonly PlaceOrderPayload: {
      readonly source: Source<Rows, 'PlaceOrderPayload', PlaceOrderPayloadSource<Rows>>;
      readonly fields: {
        readonly order: { readonly args: {}; readonly result: Source<Rows, 'Order', OrderSource<Rows>> };
      };
    };
    readonly CancelOrderPayload: {
      readonly source: Source<Rows, 'CancelOrderPayload', CancelOrderPayloadSource<Rows>>;
      readonly fields: {
        readonly order: { readonly args: {}; readonly result: Source<Rows, 'Order', OrderSource<Rows>> };
      };
    };
  };
  readonly abstracts: {};
  readonly enums: {
    readonly OrderStatus: { readonly name: OrderStatus; readonly internal: Source<Rows, 'OrderStatus', OrderStatus> };
  };
  readonly scalars: never;
  readonly needs: {};
  readonly services: {};
}
