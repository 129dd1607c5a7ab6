export interface OrderRow {
  readonly id: string;
  readonly customerId: string;
  readonly status: string;
  readonly items: readonly { readonly productId: string; readonly quantity: number }[];
}

export interface CustomerRow {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

export interface ProductRow {
  readonly id: string;
  readonly name: string;
  readonly price: number;
}

export interface StockRow {
  readonly productId: string;
  readonly available: number;
  readonly warehouse: string;
}

/** The backends' calls, each one request; long lists of ids are split. */
export interface Calls {
  orders(first: number, after: string | null): Promise<readonly OrderRow[]>;
  customers(ids: readonly string[]): Promise<readonly CustomerRow[]>;
  products(ids: readonly string[]): Promise<readonly ProductRow[]>;
  stocks(ids: readonly string[]): Promise<readonly StockRow[]>;
  lowStock(below: number, limit: number): Promise<readonly StockRow[]>;
}
