import { type DocumentNode, type ExecutionResult, GraphQLError, Kind, visit } from 'graphql';
import { KEY_ALIAS_PREFIX } from '../compose/reserved-names.ts';

/**
 * A valid response key that no object in delegation may have: graphql-tools takes an object with a `then` for a
 * promise.
 */
const THEN = 'then';

/** A reserved name: no client can use it. */
const STAND_IN = `${KEY_ALIAS_PREFIX}${THEN}`;

const known = new WeakMap<DocumentNode, DocumentNode | null>();

/** Replaces the response key `then` in a document; null if it has none. Memoized per document. */
export const withoutThen = (document: DocumentNode): DocumentNode | null => {
  const before = known.get(document);
  if (before !== undefined) return before;
  let found = false;
  const renamed = visit(document, {
    Field: (node) => {
      if ((node.alias ?? node.name).value !== THEN) return undefined;
      found = true;
      return { ...node, alias: { kind: Kind.NAME, value: STAND_IN } };
    },
  });
  const outcome = found ? renamed : null;
  known.set(document, outcome);
  return outcome;
};

const named = <Key>(key: Key): Key | string => (key === STAND_IN ? THEN : key);

const restored = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(restored);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== null) return value;
  const copy: Record<string, unknown> = Object.create(null);
  for (const [key, inner] of Object.entries(value)) copy[named(key)] = restored(inner);
  return copy;
};

const relocated = (error: GraphQLError): GraphQLError =>
  new GraphQLError(error.message, {
    nodes: error.nodes ?? null,
    path: error.path?.map(named) ?? null,
    originalError: error.originalError ?? null,
    extensions: error.extensions,
  });

/** Restores the response key `then` in a result, in the same order. */
export const withThen = ({ data, errors }: ExecutionResult): ExecutionResult => ({
  // graphql-js creates its objects without a prototype; objects with one are values of scalars.
  data: data
    ? Object.fromEntries(Object.entries(data).map(([key, value]) => [named(key), restored(value)]))
    : (data ?? null),
  ...(errors === undefined ? {} : { errors: errors.map(relocated) }),
});
