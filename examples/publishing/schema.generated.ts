// Written by `npm run codegen` from schema.graphql and ../pages.graphql. Do not edit.
import type { Source } from 'tributary/backend';

export interface UpdateBookInput {
  readonly id: string;
  readonly version: string;
  readonly title?: string | null;
  readonly authors?: readonly string[] | null;
  readonly price?: MoneyInput | null;
  readonly publishTime?: Date | null;
}

export interface MoneyInput {
  readonly amount: string;
  readonly currency: string;
}

export interface PrintBooksInput {
  readonly publisher: string;
  readonly copies: number;
  /** A retry with the same id finds the same print run. */
  readonly requestId: string;
}

/** Row of a Book: fields with a resolver of their own may be missing. */
export interface BookSource<Rows = {}> {
  /** Name of the resource: `publishers/{p}/books/{b}`. */
  readonly id?: string;
  readonly title?: string | null;
  readonly authors?: readonly string[] | null;
  readonly price?: Source<Rows, 'Money', MoneySource> | null;
  readonly publishTime?: Date | string | null;
  /** Seconds. */
  readonly readingTime?: number | null;
  readonly publisher?: Source<Rows, 'Publisher', PublisherSource> | null;
  /** Pass it to `updateBook`. */
  readonly version?: string | null;
}

/** Row of a Money: fields with a resolver of their own may be missing. */
export interface MoneySource {
  readonly amount?: string;
  readonly currency?: string;
}

/** Row of a Publisher: fields with a resolver of their own may be missing. */
export interface PublisherSource {
  /** Name of the resource: `publishers/{p}`. */
  readonly id?: string;
  readonly displayName?: string | null;
}

/** Row of a BookConnection: fields with a resolver of their own may be missing. */
export interface BookConnectionSource<Rows = {}> {
  readonly nodes?: readonly Source<Rows, 'Book', BookSource<Rows>>[];
  readonly pageInfo?: Source<Rows, 'PageInfo', PageInfoSource>;
  readonly totalCount?: number | null;
}

/** Row of a PrintRun: fields with a resolver of their own may be missing. */
export interface PrintRunSource {
  readonly copies?: number;
  readonly finishTime?: Date | string;
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
        /** The book with this name, or null. */
        readonly book: {
          readonly args: { readonly id: string };
          readonly result: Source<Rows, 'Book', BookSource<Rows>> | null;
        };
        /** Books of a publisher, by title. */
        readonly books: {
          readonly args: {
            readonly publisher: string;
            readonly author?: string | null;
            readonly first?: number | null;
            readonly after?: string | null;
          };
          readonly result: Source<Rows, 'BookConnection', BookConnectionSource<Rows>>;
        };
      };
    };
    readonly Mutation: {
      readonly source: unknown;
      readonly fields: {
        /** Changes the fields that the input has. CONFLICT if the book has another version. */
        readonly updateBook: {
          readonly args: { readonly input: UpdateBookInput };
          readonly result: Source<Rows, 'Book', BookSource<Rows>> | null;
        };
        /** Fails with BOOK_IN_PRINT for a book that is being printed. */
        readonly withdrawBook: {
          readonly args: { readonly id: string };
          readonly result: Source<Rows, 'Book', BookSource<Rows>> | null;
        };
        /** Prints the books of a publisher, and returns once all are printed. */
        readonly printBooks: {
          readonly args: { readonly input: PrintBooksInput };
          readonly result: Source<Rows, 'PrintRun', PrintRunSource> | null;
        };
      };
    };
    readonly Book: {
      readonly source: Source<Rows, 'Book', BookSource<Rows>>;
      readonly fields: {
        readonly id: { readonly args: {}; readonly result: string };
        readonly title: { readonly args: {}; readonly result: string | null };
        readonly authors: { readonly args: {}; readonly result: readonly string[] | null };
        readonly price: { readonly args: {}; readonly result: Source<Rows, 'Money', MoneySource> | null };
        readonly publishTime: { readonly args: {}; readonly result: Date | string | null };
        readonly readingTime: { readonly args: {}; readonly result: number | null };
        readonly publisher: { readonly args: {}; readonly result: Source<Rows, 'Publisher', PublisherSource> | null };
        readonly version: { readonly args: {}; readonly result: string | null };
      };
    };
    readonly Money: {
      readonly source: Source<Rows, 'Money', MoneySource>;
      readonly fields: {
        readonly amount: { readonly args: {}; readonly result: string };
        readonly currency: { readonly args: {}; readonly result: string };
      };
    };
    readonly Publisher: {
      readonly source: Source<Rows, 'Publisher', PublisherSource>;
      readonly fields: {
        readonly id: { readonly args: {}; readonly result: string };
        readonly displayName: { readonly args: {}; readonly result: string | null };
      };
    };
    readonly BookConnection: {
      readonly source: Source<Rows, 'BookConnection', BookConnectionSource<Rows>>;
      readonly fields: {
        readonly nodes: { readonly args: {}; readonly result: readonly Source<Rows, 'Book', BookSource<Rows>>[] };
        readonly pageInfo: { readonly args: {}; readonly result: Source<Rows, 'PageInfo', PageInfoSource> };
        readonly totalCount: { readonly args: {}; readonly result: number | null };
      };
    };
    readonly PrintRun: {
      readonly source: Source<Rows, 'PrintRun', PrintRunSource>;
      readonly fields: {
        readonly copies: { readonly args: {}; readonly result: number };
        readonly finishTime: { readonly args: {}; readonly result: Date | string };
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
