import { type FieldNode, Kind, print } from 'graphql';
import type { MergeShape } from '../../../backend/define/schema-types.ts';
import type { EntityKey } from '../../../backend/merge/entity-keys.ts';
import { type NeededField, neededFields } from '../../../backend/merge/needed-field.ts';
import { rootCause } from '../../apollo/root-cause.ts';
import { keyAlias, NAMESPACE_MARKER, needAlias, needMarker } from '../../compose/reserved-names.ts';

/** A value that an entry point receives: a key field, or a field in `needs`. */
export interface EntryInput {
  /** The property that the module receives. */
  readonly name: string;
  /** Response key of the value in the entity. */
  readonly key: string;
  /** The selection of the hidden copies of the fields, as text. */
  readonly selection: string;
  /** A field of the modules that have an input with a selection; null for other inputs. */
  readonly marker: string | null;
  /** Returns the value as the module receives it. Throws the error of a failed value. */
  readonly read: (value: unknown) => unknown;
}

/** Returns the value. graphql-tools has an Error in place of a failed one, and would pass it on. */
const present = (value: unknown): unknown => {
  if (value instanceof Error) throw rootCause(value);
  return value ?? null;
};

/** The hidden copies of a selection, with the response keys of the selection. */
const hiddenCopy = (node: FieldNode): FieldNode => {
  const { name, alias, selectionSet } = node;
  const selections = (selectionSet?.selections ?? []).map((below) =>
    below.kind === Kind.FIELD ? hiddenCopy(below) : below,
  );
  return {
    ...node,
    alias: alias ?? name,
    name: { kind: Kind.NAME, value: keyAlias(name.value) },
    ...(selectionSet === undefined ? {} : { selectionSet: { ...selectionSet, selections } }),
  };
};

/** Reads the requested fields of a value: graphql-tools adds others. A failed part is null. */
const readPart = (value: unknown, node?: FieldNode): unknown => {
  if (value instanceof Error) return null;
  if (Array.isArray(value)) return value.map((item) => readPart(item, node));
  const selectionSet = node?.selectionSet;
  if (selectionSet === undefined || typeof value !== 'object' || value === null) return value ?? null;
  const parts = selectionSet.selections.flatMap((below) => {
    if (below.kind !== Kind.FIELD) return [];
    const key = (below.alias ?? below.name).value;
    return [[key, readPart(Reflect.get(value, key), below)] as const];
  });
  return Object.fromEntries(parts);
};

const ofField = (field: string): EntryInput => ({
  name: field,
  key: keyAlias(field),
  selection: keyAlias(field),
  marker: null,
  read: (value) => (Array.isArray(value) ? readPart(value) : present(value)),
});

const ofNeed = ({ text, name, property, node }: NeededField): EntryInput => {
  if (text === name) return ofField(name);
  const key = needAlias(name, text);
  const selection = print({ ...hiddenCopy(node), alias: { kind: Kind.NAME, value: key } });
  const marker = node.selectionSet === undefined ? null : needMarker(name);
  return { name: property, key, selection, marker, read: (value) => readPart(present(value), node) };
};

/** Inputs of the entry points of a merged type for one key: its fields, and all that computed fields need. */
export const entryInputs = (
  merge: MergeShape,
  key: EntityKey,
): { readonly keys: EntryInput[]; readonly needs: EntryInput[] } => {
  const needs = Object.values(merge.needs ?? {}).flatMap(neededFields);
  const byText = new Map(needs.map((need) => [need.text, need]));
  return { keys: key.fields.map(ofField), needs: [...byText.values()].map(ofNeed) };
};

/**
 * The selection set of the inputs, as text. graphql-tools looks for the fields of a selection set in the known modules
 * only until the first field with a selection, so that the markers come first.
 */
export const entrySelection = (inputs: readonly EntryInput[]): string => {
  // A namespace has no inputs, and a selection set must not be empty.
  if (inputs.length === 0) return `{ ${NAMESPACE_MARKER} }`;
  const plain = inputs.flatMap(({ marker, selection }) => marker ?? selection);
  const nested = inputs.flatMap(({ marker, selection }) => (marker === null ? [] : selection));
  return `{ ${[...plain, ...nested].join(' ')} }`;
};
