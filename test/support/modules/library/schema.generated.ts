// Written by `npm run codegen` from schema.graphql and ../library.proto. Do not edit.
import type { Source } from 'tributary/backend';

/** Has exactly one of its fields. */
export type MediumInput =
  | { readonly paper: PaperInput; readonly file?: never; readonly audio?: never }
  | { readonly paper?: never; readonly file: FileInput; readonly audio?: never }
  | { readonly paper?: never; readonly file?: never; readonly audio: string };

export interface PaperInput {
  readonly weightGrams: number;
}

export interface FileInput {
  readonly url: string;
}

/** Row of a Book: fields with a resolver of their own may be missing. */
export interface BookSource<Rows = {}> {
  readonly name?: string;
  /** Paper, a file or a recording. */
  readonly medium?: MediumSource<Rows> | null;
  readonly pages?: readonly Source<Rows, 'Page', PageSource>[];
}

/** Row of a Paper: fields with a resolver of their own may be missing. */
export interface PaperSource {
  readonly weightGrams?: number;
}

/** Row of a File: fields with a resolver of their own may be missing. */
export interface FileSource {
  readonly url?: string;
}

/** Row of an Audio: fields with a resolver of their own may be missing. */
export interface AudioSource {
  readonly url?: string;
}

/** Row of a Page: fields with a resolver of their own may be missing. */
export interface PageSource {
  /** 64 bits. */
  readonly key?: string;
  readonly value?: string;
}

/** Row of a Medium: `__typename` names its type. */
export type MediumSource<Rows = {}> =
  | (Source<Rows, 'Paper', PaperSource> & { readonly __typename: 'Paper' })
  | (Source<Rows, 'File', FileSource> & { readonly __typename: 'File' })
  | (Source<Rows, 'Audio', AudioSource> & { readonly __typename: 'Audio' });

export interface GetBookRequestMessageInit {
  readonly name?: string | null | undefined;
  readonly readMask?: string | { readonly paths: readonly string[] } | null | undefined;
}

export interface BookMessage {
  readonly name: string;
  readonly displayTitle: string;
  readonly publishTime: string | null;
  readonly readingTime: string | null;
  readonly pageCount: number | null;
  readonly copiesSold: string | null;
  readonly subtitle: string | null;
  readonly inPrint: boolean | null;
  readonly thumbnail: string | null;
  readonly labels: { readonly [key: string]: unknown } | null;
  readonly note: unknown;
  readonly history: readonly unknown[] | null;
  readonly hidden: string | null;
  readonly marker: EmptyMessage | null;
  readonly extra: { readonly '@type': string; readonly [key: string]: unknown } | null;
  readonly cover: string;
  readonly pages: { readonly [key: string]: string };
  readonly events: { readonly [key: string]: string };
  readonly editions: readonly string[];
  readonly paper?: PaperMessage;
  readonly file?: FileMessage;
  readonly audio?: string;
  readonly author: AuthorMessage | null;
  readonly rating: number | null;
  readonly nothing: NullValueEnum | number;
  readonly notes: readonly unknown[];
  readonly counts: readonly string[];
  readonly none?: NullValueEnum | number;
  readonly anyValue?: unknown;
}

export interface EmptyMessage {}

export interface PaperMessage {
  readonly weightGrams: number;
}

export interface FileMessage {
  readonly url: string;
}

export interface AuthorMessage {
  readonly fullName: string;
  readonly birthTime: string | null;
}

export type NullValueEnum = 'NULL_VALUE';

export interface ListBooksRequestMessageInit {
  readonly publishedAfter?: string | Date | null | undefined;
  readonly readMask?: string | { readonly paths: readonly string[] } | null | undefined;
}

export interface ListBooksResponseMessage {
  readonly books: readonly BookMessage[];
}

export interface UpdateBookRequestMessageInit {
  readonly book?: BookMessageInit | null | undefined;
  readonly updateMask?: string | { readonly paths: readonly string[] } | null | undefined;
}

export interface BookMessageInit {
  readonly name?: string | null | undefined;
  readonly displayTitle?: string | null | undefined;
  readonly publishTime?: string | Date | null | undefined;
  readonly readingTime?: string | null | undefined;
  readonly pageCount?: number | null | undefined;
  readonly copiesSold?: string | number | bigint | null | undefined;
  readonly subtitle?: string | null | undefined;
  readonly inPrint?: boolean | null | undefined;
  readonly thumbnail?: string | Uint8Array | null | undefined;
  readonly labels?: { readonly [key: string]: unknown } | null | undefined;
  readonly note?: unknown;
  readonly history?: readonly unknown[] | null | undefined;
  readonly hidden?: string | { readonly paths: readonly string[] } | null | undefined;
  readonly marker?: EmptyMessageInit | null | undefined;
  readonly extra?: { readonly '@type': string; readonly [key: string]: unknown } | null | undefined;
  readonly cover?: string | Uint8Array | null | undefined;
  readonly pages?: { readonly [key: string]: string } | null | undefined;
  readonly events?: { readonly [key: string]: string | Date } | null | undefined;
  readonly editions?: readonly (string | Date)[] | null | undefined;
  readonly paper?: PaperMessageInit | null | undefined;
  readonly file?: FileMessageInit | null | undefined;
  readonly audio?: string | null | undefined;
  readonly author?: AuthorMessageInit | null | undefined;
  readonly rating?: number | null | undefined;
  readonly nothing?: NullValueEnum | number | null | undefined;
  readonly notes?: readonly unknown[] | null | undefined;
  readonly counts?: readonly (string | number | bigint)[] | null | undefined;
  readonly none?: NullValueEnum | number | null | undefined;
  readonly anyValue?: unknown;
}

export interface EmptyMessageInit {}

export interface PaperMessageInit {
  readonly weightGrams?: number | null | undefined;
}

export interface FileMessageInit {
  readonly url?: string | null | undefined;
}

export interface AuthorMessageInit {
  readonly fullName?: string | null | undefined;
  readonly birthTime?: string | Date | null | undefined;
}

export interface ReturnBooksResponseMessage {
  readonly count: number;
}

export interface ChatMessageMessageInit {
  readonly text?: string | null | undefined;
}

export interface ChatMessageMessage {
  readonly text: string;
}

/** Messages as rows of the types with their names, for `Schema<MessageRows>`. */
export interface MessageRows {
  readonly Book: BookMessage;
  readonly Paper: PaperMessage;
  readonly File: FileMessage;
}

/** Everything that this module declares, for `defineBackend<Schema>()`. */
export interface Schema<Rows = {}> {
  readonly objects: {
    readonly Query: {
      readonly source: unknown;
      readonly fields: {
        readonly book: {
          readonly args: { readonly name: string };
          readonly result: Source<Rows, 'Book', BookSource<Rows>> | null;
        };
      };
    };
    readonly Mutation: {
      readonly source: unknown;
      readonly fields: {
        readonly returnBooks: { readonly args: { readonly names: readonly string[] }; readonly result: number | null };
        readonly ask: {
          readonly args: { readonly questions: readonly string[] };
          readonly result: readonly string[] | null;
        };
        readonly setMedium: {
          readonly args: { readonly name: string; readonly medium: MediumInput };
          readonly result: Source<Rows, 'Book', BookSource<Rows>> | null;
        };
      };
    };
    readonly Book: {
      readonly source: Source<Rows, 'Book', BookSource<Rows>>;
      readonly fields: {
        readonly name: { readonly args: {}; readonly result: string };
        readonly medium: { readonly args: {}; readonly result: MediumSource<Rows> | null };
        readonly pages: { readonly args: {}; readonly result: readonly Source<Rows, 'Page', PageSource>[] };
      };
    };
    readonly Paper: {
      readonly source: Source<Rows, 'Paper', PaperSource>;
      readonly fields: {
        readonly weightGrams: { readonly args: {}; readonly result: number };
      };
    };
    readonly File: {
      readonly source: Source<Rows, 'File', FileSource>;
      readonly fields: {
        readonly url: { readonly args: {}; readonly result: string };
      };
    };
    readonly Audio: {
      readonly source: Source<Rows, 'Audio', AudioSource>;
      readonly fields: {
        readonly url: { readonly args: {}; readonly result: string };
      };
    };
    readonly Page: {
      readonly source: Source<Rows, 'Page', PageSource>;
      readonly fields: {
        readonly key: { readonly args: {}; readonly result: string };
        readonly value: { readonly args: {}; readonly result: string };
      };
    };
  };
  readonly abstracts: {
    readonly Medium: 'Paper' | 'File' | 'Audio';
  };
  readonly enums: {};
  readonly scalars: never;
  readonly needs: {};
  readonly services: {
    /** A service in the style of https://google.aip.dev, without idempotency_level. */
    readonly 'library.v1.Library': {
      readonly getBook: { readonly request: GetBookRequestMessageInit; readonly response: BookMessage };
      readonly listBooks: {
        readonly request: ListBooksRequestMessageInit;
        readonly response: ListBooksResponseMessage;
      };
      readonly updateBook: { readonly request: UpdateBookRequestMessageInit; readonly response: BookMessage };
      readonly deleteBook: { readonly request: GetBookRequestMessageInit; readonly response: EmptyMessage };
      readonly checkOut: { readonly request: GetBookRequestMessageInit; readonly response: BookMessage };
      /** Every message is a return; the answer counts them. */
      readonly returnBooks: {
        readonly request: GetBookRequestMessageInit;
        readonly response: ReturnBooksResponseMessage;
        readonly clientStream: true;
      };
      /** Answers each question with a message. */
      readonly chat: {
        readonly request: ChatMessageMessageInit;
        readonly response: ChatMessageMessage;
        readonly stream: true;
        readonly clientStream: true;
      };
    };
  };
}
