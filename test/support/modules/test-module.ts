import { resolve } from 'node:path';
import type { SchemaModule } from '../../../src/backend/define/module.ts';
import { grpc, rest, type UpstreamDefinition } from '../../../src/backend/define/upstream-options.ts';
import { type ParsedModule, readModule } from '../../../src/graph/check/parsed-module.ts';
import { described, type ModuleProblem } from '../../../src/graph/check/problem.ts';
import { wrongUpstreams } from '../../../src/graph/check/upstreams/upstreams.ts';

/** A module for tests, as if in the folder schema/<name>/. */
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

export const reading = (...module: Parameters<typeof testModule>): ParsedModule => readModule(testModule(...module));

/** Problems as lines, without the leading `schema/`. */
export const lines = (mistakes: readonly ModuleProblem[]): string[] =>
  mistakes.map((mistake) => described(mistake).replace(/^schema\//, ''));

const problemsOf = (stock: UpstreamDefinition) =>
  lines(wrongUpstreams(reading('a', '', { upstreams: { stock } }))).map((line) => line.replace('a/index.ts: ', ''));

// biome-ignore lint/suspicious/noExplicitAny: JavaScript modules have no types.
type Untyped = any;

/** Problems of a REST upstream `stock` with these options, without the file. */
export const ofRest = (options: Untyped): readonly string[] => problemsOf(rest(options));

/** The same for a gRPC upstream; `proto` and `service` are already set. */
export const ofGrpc = (options: Untyped): readonly string[] =>
  problemsOf(grpc({ proto: '../inventory/inventory.proto', service: 'inventory.v1.Inventory', ...options }));
