import type { GraphQLResolveInfo } from 'graphql';
import { rowNames } from '../rows/row-names.ts';
import { checkMaskOptions, type FieldMaskOptions, pathsOption, readsOf } from './mask-options.ts';
import { isSelecting, type SelectedField, type SelectedRows, type SelectingInfo } from './selected-rows.ts';

/** A FieldMask of a gRPC request. */
export interface FieldMask {
  /** Each path once, in the order of the selection, without paths below another one. */
  readonly paths: readonly string[];
}

const DEFAULTS: FieldMaskOptions = {};
const { write: snakeCase } = rowNames('snake', {});
const AFTER_LIST = { fields: '.', wildcard: '.*.' } as const;

/** Reads the paths of a selection. */
class PathReader {
  readonly #info: SelectingInfo;
  readonly #options: FieldMaskOptions;

  constructor(info: SelectingInfo, options: FieldMaskOptions) {
    this.#info = info;
    this.#options = options;
  }

  below(rows: SelectedRows, prefix: string): readonly string[] {
    return rows.flatMap(({ type, fields }) => fields.flatMap((field) => this.#field(type, field, prefix)));
  }

  #field(type: string, field: SelectedField, prefix: string): readonly string[] {
    const path = this.#declared(type, field.name) ?? this.#read(type, field.name);
    if (typeof path !== 'string') return path.map((one) => prefix + one);
    const own = prefix + path;
    const { lists = 'whole' } = this.#options;
    if (field.isList && lists === 'whole') return [own];
    const inside = this.below(field.below, own + (field.isList && lists !== 'whole' ? AFTER_LIST[lists] : '.'));
    return inside.length === 0 ? [own] : inside;
  }

  #declared(type: string, name: string): string | readonly string[] | undefined {
    return pathsOption(this.#options.paths ?? {}, `${type}.${name}`);
  }

  #read(type: string, name: string): string | readonly string[] {
    const reads = readsOf(this.#info.selecting.module, type, name);
    if (reads === 'property') return this.#named(name);
    // The check of the options leaves only fields with known reads.
    return (reads ?? []).flatMap((key) => this.#declared(type, key) ?? this.#named(key));
  }

  #named(name: string): string {
    return this.#options.case === 'camel' ? name : snakeCase(name);
  }
}

/** The selections at a place below the field: `edges.node`. */
const rowsAt = (rows: SelectedRows, place: string): SelectedRows =>
  place
    .split('.')
    .reduce(
      (at, name) => at.flatMap(({ fields }) => fields.flatMap((field) => (field.name === name ? field.below : []))),
      rows,
    );

const withoutNested = (paths: readonly string[]): readonly string[] => {
  const all = new Set(paths);
  const isBelowAnother = (path: string): boolean => {
    for (let end = path.indexOf('.'); end !== -1; end = path.indexOf('.', end + 1))
      if (all.has(path.slice(0, end))) return true;
    return false;
  };
  return [...all].filter((path) => !isBelowAnother(path));
};

const maskOf = (info: SelectingInfo, rows: SelectedRows, options: FieldMaskOptions): FieldMask => {
  checkMaskOptions(info, options);
  const { at, always = [] } = options;
  const reader = new PathReader(info, options);
  const starts = at === undefined ? [rows] : at.map((place) => rowsAt(rows, place));
  const paths = withoutNested([...always, ...starts.flatMap((start) => reader.below(start, ''))]);
  // Shared by all requests with the same document.
  return Object.freeze({ paths: Object.freeze(paths) });
};

const known = new WeakMap<SelectedRows, WeakMap<FieldMaskOptions, FieldMask>>();

/**
 * Returns the paths of the fields that are read below the field of a resolver, for backends that return parts of their
 * messages: `books.getBook({ name, readMask: fieldMask(info) })`, or `query: { fields: fieldMask(info).paths.join(',') }`
 * with `case: 'camel'`.
 *
 * A mask has the fields that the client selected and the module's rows have, the keys of joins included; not those of
 * other modules, nor those that `@skip` and `@include` leave out. A field with a resolver needs an entry in `paths`,
 * unless it is `loaded` with named keys. A message of which nothing is selected has its own path. Without any field the
 * mask is empty, which means all fields (AIP-157). Computed once for each plan, field and object of options.
 *
 * @throws Error for an `info` that is not the gateway's, and for options that do not fit the module
 */
export const fieldMask = (info: GraphQLResolveInfo, options: FieldMaskOptions = DEFAULTS): FieldMask => {
  if (!isSelecting(info)) throw new Error('fieldMask needs the info of a resolver, unchanged.');
  const rows = info.selecting.rows();
  const before = known.get(rows);
  const found = before?.get(options);
  if (found !== undefined) return found;
  const mask = maskOf(info, rows, options);
  if (before === undefined) known.set(rows, new WeakMap([[options, mask]]));
  else before.set(options, mask);
  return mask;
};
