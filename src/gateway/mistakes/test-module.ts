import { resolve } from 'node:path';
import type { SchemaModule } from '../../backend/module.ts';
import { grpc, rest, type UpstreamDefinition } from '../../backend/upstreams.ts';
import { described, type Mistake } from './mistake.ts';
import { type Reading, readModule } from './reading.ts';
import { wrongUpstreams } from './upstreams.ts';

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

const toldOf = (stock: UpstreamDefinition) =>
  lines(wrongUpstreams(reading('a', '', { upstreams: { stock } }))).map((line) => line.replace('a/index.ts: ', ''));

// biome-ignore lint/suspicious/noExplicitAny: whoever writes JavaScript has no types to help.
type Untyped = any;

/** What is told of an upstream `stock` with these options of `rest`, without the file. */
export const ofRest = (options: Untyped): readonly string[] => toldOf(rest(options));

/** The same of `grpc`; `proto` and `service` are there. */
export const ofGrpc = (options: Untyped): readonly string[] =>
  toldOf(grpc({ proto: '../inventory/inventory.proto', service: 'inventory.v1.Inventory', ...options }));
