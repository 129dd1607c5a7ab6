// Written by `npm run codegen` from schema.graphql. Do not edit.
import type { Source } from 'tributary/backend';

/**
 * A customer of the shop.
 *
 * Row of a Customer: fields with a resolver of their own may be missing.
 */
export interface CustomerSource<Rows = {}> {
  readonly id?: string;
  readonly name?: string | null;
  readonly email?: string | null;
  /** Creation time of the account. */
  readonly since?: Date | string | null;
  /** Visible to the customer and to administrators only. */
  readonly phone?: string | null;
  /** Visible to the customer and to administrators only. */
  readonly addresses?: readonly Source<Rows, 'Address', AddressSource>[] | null;
}

/** Row of an Address: fields with a resolver of their own may be missing. */
export interface AddressSource {
  readonly street?: string;
  readonly city?: string;
  readonly postalCode?: string;
  readonly country?: string;
}

/** Row of a CustomerPage: fields with a resolver of their own may be missing. */
export interface CustomerPageSource<Rows = {}> {
  readonly nodes?: readonly Source<Rows, 'Customer', CustomerSource<Rows>>[];
  /** Null on the last page. */
  readonly endCursor?: string | null;
}

/** Everything that this module declares, for `defineBackend<Schema>()`. */
export interface Schema<Rows = {}> {
  readonly objects: {
    readonly Query: {
      readonly source: unknown;
      readonly fields: {
        /** The signed-in customer, or null for a deleted account. */
        readonly me: {
          readonly args: {};
          readonly result: Source<Rows, 'Customer', CustomerSource<Rows>> | null;
          readonly caller: 'user';
        };
        /** The customer with this id, or null. */
        readonly customer: {
          readonly args: { readonly id: string };
          readonly result: Source<Rows, 'Customer', CustomerSource<Rows>> | null;
        };
        /** Customers, sorted by id. Pass `endCursor` as `after` for the next page. */
        readonly customers: {
          readonly args: { readonly first: number; readonly after?: string | null };
          readonly result: Source<Rows, 'CustomerPage', CustomerPageSource<Rows>> | null;
        };
      };
    };
    readonly Customer: {
      readonly source: Source<Rows, 'Customer', CustomerSource<Rows>>;
      readonly fields: {
        readonly id: { readonly args: {}; readonly result: string };
        readonly name: { readonly args: {}; readonly result: string | null };
        readonly email: { readonly args: {}; readonly result: string | null };
        readonly since: { readonly args: {}; readonly result: Date | string | null };
        readonly phone: { readonly args: {}; readonly result: string | null; readonly caller: 'user' };
        readonly addresses: {
          readonly args: {};
          readonly result: readonly Source<Rows, 'Address', AddressSource>[] | null;
          readonly caller: 'user';
        };
      };
    };
    readonly Address: {
      readonly source: Source<Rows, 'Address', AddressSource>;
      readonly fields: {
        readonly street: { readonly args: {}; readonly result: string };
        readonly city: { readonly args: {}; readonly result: string };
        readonly postalCode: { readonly args: {}; readonly result: string };
        readonly country: { readonly args: {}; readonly result: string };
      };
    };
    readonly CustomerPage: {
      readonly source: Source<Rows, 'CustomerPage', CustomerPageSource<Rows>>;
      readonly fields: {
        readonly nodes: {
          readonly args: {};
          readonly result: readonly Source<Rows, 'Customer', CustomerSource<Rows>>[];
        };
        readonly endCursor: { readonly args: {}; readonly result: string | null };
      };
    };
  };
  readonly abstracts: {};
  readonly enums: {};
  readonly scalars: never;
  readonly needs: {};
  readonly services: {};
}
