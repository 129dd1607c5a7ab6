import { Kind, parse } from 'graphql';
import { defineBackend, type SchemaModule } from 'tributary/backend';
import type { ScriptedRequest, TestAnswer } from 'tributary/testing';

const file = import.meta.filename;

export const typeDefs = (text: string) => ({ text, file });

// biome-ignore lint/suspicious/noExplicitAny: modules this small need no generated types
export const define = defineBackend<any>();

/**
 * Adds null resolvers for root fields without one, so that a test defines only the fields it uses. Every root field
 * needs a resolver.
 */
const withNulls = (sdl: string, given: SchemaModule['resolvers']): SchemaModule['resolvers'] => {
  const resolvers = { ...given };
  for (const node of parse(sdl).definitions) {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.OBJECT_TYPE_EXTENSION) continue;
    const root = node.name.value;
    if (root !== 'Query' && root !== 'Mutation') continue;
    const nulls = Object.fromEntries((node.fields ?? []).map(({ name }) => [name.value, () => null]));
    resolvers[root] = Object.assign(nulls, resolvers[root]);
  }
  return resolvers;
};

/** A module without upstreams: its data is in its resolvers. */
export const plain = (
  name: string,
  sdl: string,
  { resolvers = {}, ...parts }: Partial<Pick<SchemaModule, 'merge' | 'resolvers' | 'loaders'>>,
): SchemaModule => ({
  name,
  typeDefs: typeDefs(sdl),
  errors: {},
  upstreams: {},
  policies: {},
  loaders: () => ({}),
  merge: {},
  resolvers: withNulls(sdl, resolvers),
  ...parts,
});

/** Every error as `<path> <code>`, sorted. */
export const pathsAndCodes = (errors: TestAnswer['errors'] = []): string[] =>
  errors.map(({ path, extensions }) => `${path?.join('.')} ${extensions?.code}`).sort();

/** The keys in `?ids=a,b`. */
export const idsOf = ({ query }: ScriptedRequest): string[] => query.get('ids')?.split(',') ?? [];
