// Written by `npm run codegen` from schema.graphql and inventory.proto. Do not edit.
import type { Source } from 'tributary/backend';

export interface ReserveStockInput {
  readonly productId: string;
  readonly quantity: number;
  /** Idempotency key: a retry with the same id returns the first result. */
  readonly clientMutationId: string;
}

/** Row of a Product: fields with a resolver of their own may be missing. */
export interface ProductSource<Rows = {}> {
  readonly id?: string;
  /** Null for a product that is in no warehouse, and if the backend is unavailable. */
  readonly stock?: Source<Rows, 'Stock', StockSource> | null;
  /** False for a product that is in no warehouse. */
  readonly inStock?: boolean | null;
  /** Delivery time in days. Depends on the product's weight; null if that is unknown. */
  readonly deliveryDays?: number | null;
}

/** Row of a Stock: fields with a resolver of their own may be missing. */
export interface StockSource {
  /** Number of available units. */
  readonly available?: number;
  readonly warehouse?: string;
}

/** Row of a ReserveStockPayload: fields with a resolver of their own may be missing. */
export interface ReserveStockPayloadSource<Rows = {}> {
  readonly reservationId?: string;
  /** The product, with its remaining stock. */
  readonly product?: Source<Rows, 'Product', ProductSource<Rows>>;
}

export interface BatchGetStockRequestMessageInit {
  readonly productIds?: readonly string[] | null | undefined;
}

export interface BatchGetStockResponseMessage {
  readonly stocks: readonly StockMessage[];
}

export interface StockMessage {
  readonly productId: string;
  readonly available: number;
  readonly warehouse: string;
}

export interface ListLowStockRequestMessageInit {
  readonly below?: number | null | undefined;
  readonly limit?: number | null | undefined;
}

export interface ListLowStockResponseMessage {
  readonly stocks: readonly StockMessage[];
}

export interface ReserveRequestMessageInit {
  readonly productId?: string | null | undefined;
  readonly quantity?: number | null | undefined;
  readonly requestId?: string | null | undefined;
}

export interface ReserveResponseMessage {
  readonly reserved: boolean;
  /** Empty if the reservation failed. */
  readonly reservationId: string;
  /** Units left after the reservation, or available when it failed. */
  readonly available: number;
}

/** Messages as rows of the types with their names, for `Schema<MessageRows>`. */
export interface MessageRows {
  readonly Stock: StockMessage;
}

/** Everything that this module declares, for `defineBackend<Schema>()`. */
export interface Schema<Rows = {}> {
  readonly objects: {
    readonly Query: {
      readonly source: unknown;
      readonly fields: {
        /** Products with fewer than `below` available units, sorted by that number. */
        readonly lowStock: {
          readonly args: { readonly below: number; readonly first: number };
          readonly result: readonly Source<Rows, 'Product', ProductSource<Rows>>[] | null;
        };
      };
    };
    readonly Mutation: {
      readonly source: unknown;
      readonly fields: {
        /** Reserves units temporarily. Fails with OUT_OF_STOCK if there are not enough. */
        readonly reserveStock: {
          readonly args: { readonly input: ReserveStockInput };
          readonly result: Source<Rows, 'ReserveStockPayload', ReserveStockPayloadSource<Rows>> | null;
          readonly caller: 'user';
        };
      };
    };
    readonly Product: {
      readonly source: Source<Rows, 'Product', ProductSource<Rows>>;
      readonly fields: {
        readonly id: { readonly args: {}; readonly result: string };
        readonly stock: { readonly args: {}; readonly result: Source<Rows, 'Stock', StockSource> | null };
        readonly inStock: { readonly args: {}; readonly result: boolean | null };
        readonly deliveryDays: { readonly args: {}; readonly result: number | null };
      };
    };
    readonly Stock: {
      readonly source: Source<Rows, 'Stock', StockSource>;
      readonly fields: {
        readonly available: { readonly args: {}; readonly result: number };
        readonly warehouse: { readonly args: {}; readonly result: string };
      };
    };
    readonly ReserveStockPayload: {
      readonly source: Source<Rows, 'ReserveStockPayload', ReserveStockPayloadSource<Rows>>;
      readonly fields: {
        readonly reservationId: { readonly args: {}; readonly result: string };
        readonly product: { readonly args: {}; readonly result: Source<Rows, 'Product', ProductSource<Rows>> };
      };
    };
  };
  readonly abstracts: {};
  readonly enums: {};
  readonly scalars: never;
  readonly needs: {
    readonly Product: {
      readonly deliveryDays: { readonly weight: number | null };
    };
  };
  readonly services: {
    /** Stock of the warehouses. */
    readonly 'inventory.v1.Inventory': {
      /** Returns stocks in any order, and omits products that are in no warehouse. */
      readonly batchGetStock: {
        readonly request: BatchGetStockRequestMessageInit;
        readonly response: BatchGetStockResponseMessage;
      };
      /** Products with fewer than `below` available units, sorted by that number. */
      readonly listLowStock: {
        readonly request: ListLowStockRequestMessageInit;
        readonly response: ListLowStockResponseMessage;
      };
      /** Reserves units. A repeated request_id returns the first result. */
      readonly reserve: { readonly request: ReserveRequestMessageInit; readonly response: ReserveResponseMessage };
    };
  };
}
