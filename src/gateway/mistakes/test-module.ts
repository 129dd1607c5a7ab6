import { resolve } from 'node:path';
import type { SchemaModule } from '../../backend/module.ts';
import { described, type Mistake } from './mistake.ts';
import { type Reading, readModule } from './reading.ts';

/** A module for tests, as if it lay in schema/<name>/. */
export const testModule = (
  name: string,
  sdl: string,
  rest: Partial<Omit<SchemaModule, 'name' | 'typeDefs'>> = {},
): SchemaModule => ({
  name,
  typeDefs: { text: sdl, file: resolve('schema', name, 'schema.graphql') },
  errors: {},
  upstreams: {},
  policies: {},
  loaders: () => ({}),
  merge: {},
  resolvers: {},
  ...rest,
});

export const reading = (...module: Parameters<typeof testModule>): Reading => readModule(testModule(...module));

/** The lines that mistakes are told in, without `schema/` in front. */
export const lines = (mistakes: readonly Mistake[]): string[] =>
  mistakes.map((mistake) => described(mistake).replace(/^schema\//, ''));
