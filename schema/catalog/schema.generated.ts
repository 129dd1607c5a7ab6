// Written by `npm run codegen` from schema.graphql. Do not edit.
import type { Source } from 'tributary/backend';

/**
 * A product for sale.
 *
 * Row of a Product: fields with a resolver of their own may be missing.
 */
export interface ProductSource {
  readonly id?: string;
  readonly name?: string | null;
  readonly description?: string | null;
  readonly category?: string | null;
  /** In minor units of the currency: 1999 is 19.99. */
  readonly price?: number | null;
  /** Currency code (ISO 4217). */
  readonly currency?: string | null;
  /** In grams; null if unknown. */
  readonly weight?: number | null;
}

/**
 * A page of products, as a Relay cursor connection.
 *
 * Row of a ProductConnection: fields with a resolver of their own may be missing.
 */
export interface ProductConnectionSource<Rows = {}> {
  readonly edges?: readonly Source<Rows, 'ProductEdge', ProductEdgeSource<Rows>>[];
  readonly nodes?: readonly Source<Rows, 'Product', ProductSource>[];
  readonly pageInfo?: Source<Rows, 'PageInfo', PageInfoSource>;
  readonly totalCount?: number;
}

/** Row of a ProductEdge: fields with a resolver of their own may be missing. */
export interface ProductEdgeSource<Rows = {}> {
  readonly cursor?: string;
  readonly node?: Source<Rows, 'Product', ProductSource>;
}

/** Row of a PageInfo: fields with a resolver of their own may be missing. */
export interface PageInfoSource {
  readonly hasNextPage?: boolean;
  readonly hasPreviousPage?: boolean;
  readonly startCursor?: string | null;
  readonly endCursor?: string | null;
}

/** Everything that this module declares, for `defineBackend<Schema>()`. */
export interface Schema<Rows = {}> {
  readonly objects: {
    readonly Query: {
      readonly source: unknown;
      readonly fields: {
        /** The product with this id, or null. */
        readonly product: {
          readonly args: { readonly id: string };
          readonly result: Source<Rows, 'Product', ProductSource> | null;
        };
        /** Products with `text` in their name, in one category or in all. */
        readonly searchProducts: {
          readonly args: {
            readonly text?: string | null;
            readonly category?: string | null;
            readonly first: number;
            readonly after?: string | null;
          };
          readonly result: Source<Rows, 'ProductConnection', ProductConnectionSource<Rows>> | null;
        };
      };
    };
    readonly Product: {
      readonly source: Source<Rows, 'Product', ProductSource>;
      readonly fields: {
        readonly id: { readonly args: {}; readonly result: string };
        readonly name: { readonly args: {}; readonly result: string | null };
        readonly description: { readonly args: {}; readonly result: string | null };
        readonly category: { readonly args: {}; readonly result: string | null };
        readonly price: { readonly args: {}; readonly result: number | null };
        readonly currency: { readonly args: {}; readonly result: string | null };
        readonly weight: { readonly args: {}; readonly result: number | null };
      };
    };
    readonly ProductConnection: {
      readonly source: Source<Rows, 'ProductConnection', ProductConnectionSource<Rows>>;
      readonly fields: {
        readonly edges: {
          readonly args: {};
          readonly result: readonly Source<Rows, 'ProductEdge', ProductEdgeSource<Rows>>[];
        };
        readonly nodes: { readonly args: {}; readonly result: readonly Source<Rows, 'Product', ProductSource>[] };
        readonly pageInfo: { readonly args: {}; readonly result: Source<Rows, 'PageInfo', PageInfoSource> };
        readonly totalCount: { readonly args: {}; readonly result: number };
      };
    };
    readonly ProductEdge: {
      readonly source: Source<Rows, 'ProductEdge', ProductEdgeSource<Rows>>;
      readonly fields: {
        readonly cursor: { readonly args: {}; readonly result: string };
        readonly node: { readonly args: {}; readonly result: Source<Rows, 'Product', ProductSource> };
      };
    };
    readonly PageInfo: {
      readonly source: Source<Rows, 'PageInfo', PageInfoSource>;
      readonly fields: {
        readonly hasNextPage: { readonly args: {}; readonly result: boolean };
        readonly hasPreviousPage: { readonly args: {}; readonly result: boolean };
        readonly startCursor: { readonly args: {}; readonly result: string | null };
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
