import { defineBackend, type SchemaModule } from 'tributary/backend';
import type { ScriptedRequest, TestAnswer } from 'tributary/testing';

const file = import.meta.filename;

export const typeDefs = (text: string) => ({ text, file });

// biome-ignore lint/suspicious/noExplicitAny: modules this small need no generated types
export const define = defineBackend<any>();

/** A module without upstreams: what it knows is in its resolvers. */
export const plain = (
  name: string,
  sdl: string,
  parts: Partial<Pick<SchemaModule, 'merge' | 'resolvers' | 'loaders'>>,
): SchemaModule => ({
  name,
  typeDefs: typeDefs(sdl),
  errors: {},
  upstreams: {},
  policies: {},
  loaders: () => ({}),
  merge: {},
  resolvers: {},
  ...parts,
});

/** Every error as `<path> <code>`, sorted. */
export const pathsAndCodes = (errors: TestAnswer['errors'] = []): string[] =>
  errors.map(({ path, extensions }) => `${path?.join('.')} ${extensions?.code}`).sort();

/** The keys in `?ids=a,b`. */
export const idsOf = ({ query }: ScriptedRequest): string[] => query.get('ids')?.split(',') ?? [];
