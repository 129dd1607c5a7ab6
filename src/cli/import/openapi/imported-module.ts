/* What the importer of OpenAPI reads from a contract, and what its writers write. */

import type { GraphArgument, GraphField, ImportedGraph, ImportedType } from '../imported-graph.ts';

export interface ImportedArgument extends GraphArgument {
  /** Name of the parameter in the contract. */
  readonly parameter: string;
  readonly place: 'path' | 'query' | 'header';
  /** Notation of lists and objects, if it is not the default. */
  readonly style: 'comma' | 'deep' | null;
}

export interface ImportedBody {
  readonly option: 'body' | 'form' | 'multipart' | 'text' | 'bytes';
  readonly type: ImportedType;
  readonly isRequired: boolean;
  /** `content-type`, if it is not the default of the option. */
  readonly contentType: string | null;
  /** Notation of lists in a form, if it is not the default. */
  readonly style: 'repeat' | null;
}

/** How a list is split into pages: names of parameters, and paths of properties in the response. */
export interface ImportedPages {
  readonly style: 'offset' | 'page' | 'cursor' | 'token' | 'link';
  readonly limit: string | null;
  /** Parameter of the offset, page number, token or last row. */
  readonly position: string;
  readonly firstPage: 0 | 1;
  readonly size: number | null;
  readonly maxSize: number | null;
  /** Path of the rows; empty if the response is the list. */
  readonly rows: readonly string[];
  readonly next: readonly string[] | null;
  readonly total: readonly string[] | null;
  readonly hasMore: readonly string[] | null;
  /** Field of a row: the next page begins after its value; style `cursor` only. */
  readonly cursor: string | null;
  readonly item: ImportedType;
  readonly connection: string;
}

export interface ImportedResult {
  /** Null: no content. */
  readonly type: ImportedType | null;
  readonly as: 'json' | 'text' | 'bytes' | 'none';
}

/** A root field: one operation of the contract. */
export interface RootField extends GraphField {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly path: string;
  readonly args: readonly ImportedArgument[];
  readonly body: ImportedBody | null;
  readonly result: ImportedResult;
  readonly pages: ImportedPages | null;
  /** Comments for the module author. */
  readonly notes: readonly string[];
}

/** A loader of rows by one key. */
export interface ImportedLoader {
  readonly name: string;
  readonly kind: 'each' | 'batch';
  readonly path: string;
  /** Path parameter with the key, or query parameter with the keys. */
  readonly parameter: string;
  /** Notation of the keys in a query. */
  readonly style: 'comma' | null;
  /** Type of the rows. */
  readonly type: string;
  /** Field of the row with the key; null if the row does not have it. */
  readonly key: string | null;
  /** Type of the response: the row, or for `batch` the list. */
  readonly response: ImportedType;
  /** For `batch`: the pages of the list, if it has any. */
  readonly pages: ImportedPages | null;
  /** The root field that loads one row; null if it has further arguments. */
  readonly field: string | null;
}

export interface ImportedModule extends ImportedGraph {
  readonly name: string;
  readonly title: string;
  /** Base URLs of the contract. */
  readonly servers: readonly string[];
  readonly fields: readonly RootField[];
  readonly loaders: readonly ImportedLoader[];
  /** Options for the credentials of the contract. */
  readonly security: readonly string[];
  /** Options of rest() for the credentials and headers of a request. */
  readonly options: readonly string[];
  /** Environment variables of the secrets in `options`. */
  readonly secrets: readonly string[];
  /** Preset of `errorFormats` for the contract's error responses; null for none. */
  readonly errorFormat: string | null;
  /** Operations that are not imported, each with the reason. */
  readonly skipped: readonly { readonly operation: string; readonly reason: string }[];
}
