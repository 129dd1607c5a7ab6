import { dirname, join } from 'node:path';
import { type ASTNode, GraphQLError } from 'graphql';
import type { SchemaModule } from '../../backend/define/module.ts';
import { withInterfaceResolvers } from '../compose/interface-resolvers.ts';
import { type ModuleSdl, readSdl } from '../compose/sdl.ts';
import { located, type ModuleProblem, type SourceLocation } from './problem.ts';
import { type MadeLoaders, makeLoadersWithStubs } from './stub-clients.ts';
import { type TypeView, viewsIn } from './type-summary.ts';

export type SdlReading =
  | { readonly is: 'read'; readonly sdl: ModuleSdl }
  | { readonly is: 'unreadable'; readonly error: GraphQLError };

/** A module prepared for the checks, as far as it can be read. */
export interface ParsedModule {
  /** With the resolvers of interfaces at the types that implement them. */
  readonly module: SchemaModule;
  /** Resolvers as the module declares them. */
  readonly declared: SchemaModule['resolvers'];
  readonly sdl: SdlReading;
  /** Definitions of the SDL by name; empty for unreadable SDL. */
  readonly types: ReadonlyMap<string, TypeView>;
  readonly loaders: MadeLoaders;
}

/** Types with root fields. */
export const ROOT_TYPES: ReadonlySet<string> = new Set(['Query', 'Mutation', 'Subscription']);

const readSdlOf = (module: SchemaModule): SdlReading => {
  try {
    return { is: 'read', sdl: readSdl(module) };
  } catch (error) {
    if (error instanceof GraphQLError) return { is: 'unreadable', error };
    throw error;
  }
};

export const readModule = (written: SchemaModule): ParsedModule => {
  const sdl = readSdlOf(written);
  const module = sdl.is === 'read' ? withInterfaceResolvers(written, sdl.sdl) : written;
  const types = sdl.is === 'read' ? viewsIn(sdl.sdl.document) : new Map<string, TypeView>();
  return { module, declared: written.resolvers, sdl, types, loaders: makeLoadersWithStubs(module) };
};

const locationOf = (node: ASTNode): SourceLocation | null => {
  const start = node.loc?.startToken;
  return start === undefined ? null : { line: start.line, column: start.column };
};

/** The file of a node: the module's own, or one that it imports. */
const fileOf = ({ module }: ParsedModule, node: ASTNode): string => node.loc?.source.name ?? module.typeDefs.file;

/** A problem in a module's SDL, at a node, at a position in a file, or without a position. */
export const inSdl = (
  reading: ParsedModule,
  at: ASTNode | (SourceLocation & { readonly file: string }) | null,
  problem: string,
  fix: string,
): ModuleProblem => {
  if (at === null) return { file: reading.module.typeDefs.file, location: null, problem, fix };
  if ('kind' in at) return { file: fileOf(reading, at), location: locationOf(at), problem, fix };
  const { file, line, column } = at;
  return { file, location: { line, column }, problem, fix };
};

/** The module's index.ts, with all declarations outside the SDL. */
const indexOf = ({ module }: ParsedModule): string => join(dirname(module.typeDefs.file), 'index.ts');

export const inIndex = (reading: ParsedModule, problem: string, fix: string): ModuleProblem => ({
  file: indexOf(reading),
  location: null,
  problem,
  fix,
});

/** `catalog (schema/catalog/schema.graphql:3:6)`: refers to another module in a message. */
export const elsewhere = (reading: ParsedModule, node: ASTNode): string =>
  `${reading.module.name} (${located(fileOf(reading, node), locationOf(node))})`;

/** `catalog (schema/catalog/index.ts)` */
export const elsewhereInIndex = (reading: ParsedModule): string =>
  `${reading.module.name} (${located(indexOf(reading), null)})`;

/**
 * True if the text of a module with a syntax error contains the names of the type and of one of the fields. A missing
 * field is then not reported, because that module may define it.
 */
export const mayBeDefined = (readings: readonly ParsedModule[], type: string, fields: readonly string[]): boolean =>
  readings.some(({ module, sdl }) => {
    if (sdl.is === 'read') return false;
    const words = new Set(module.typeDefs.text.match(/\w+/g));
    return words.has(type) && fields.some((field) => words.has(field));
  });
