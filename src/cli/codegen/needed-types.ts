import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { GraphQLError, isInterfaceType, isObjectType } from 'graphql';
import { type NeededField, parseNeed } from '../../backend/merge/needed-field.ts';
import type { ModuleFiles } from './modules.ts';
import type { DeclaredGrpc, DeclaredNeeds, Imported } from './needs-worker.ts';
import { displayed } from './problems.ts';
import type { ParsedSdl } from './sdl/sdl.ts';
import { foreignType } from './sdl/sdl-types.ts';

/** By type, needing field and property of the parent: the type of its value. */
export type NeededTypes = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;

/** Declarations of one module. */
export interface Declarations {
  readonly needs: DeclaredNeeds;
  /** Null if the module cannot be imported. */
  readonly grpc: readonly DeclaredGrpc[] | null;
}

const unread = (name: string, reason: string): Imported => ({ name, needs: {}, grpc: [], reason });

const importAll = async (schemaDir: string, modules: readonly ModuleFiles[]): Promise<Imported[]> => {
  if (modules.length === 0) return [];
  const folders = modules.map(({ name }) => name);
  const workerData = { schemaDir: await realpath(schemaDir), folders };
  const worker = new Worker(new URL('./needs-worker.ts', import.meta.url), { workerData });
  const imported: Imported[] = [];
  let failure = 'its import did not finish';
  worker.on('message', (message: Imported) => {
    imported.push(message);
    // Timers or handles of a module would keep the thread alive.
    if (imported.length === folders.length) void worker.terminate();
  });
  worker.on('error', (error: Error) => {
    failure = error.message;
  });
  await new Promise((settle) => worker.once('exit', settle));
  const [culprit, ...behind] = folders.slice(imported.length);
  if (culprit === undefined) return imported;
  const skipped = behind.map((name) => unread(name, `${culprit} is imported before it, and ${failure}`));
  return [...imported, unread(culprit, failure), ...skipped];
};

/**
 * Imports modules in a worker thread, and reads which fields of other modules they need and which gRPC services they
 * call. Each run reads the current files. A module that cannot be imported has no needs, and a warning.
 */
export const declaredIn = async (
  schemaDir: string,
  modules: readonly ModuleFiles[],
): Promise<{ readonly declared: ReadonlyMap<string, Declarations>; readonly warnings: readonly string[] }> => {
  const { there = [], missing = [] } = Object.groupBy(modules, ({ index }) =>
    existsSync(index) ? 'there' : 'missing',
  );
  const imported = [
    ...(await importAll(schemaDir, there)),
    ...missing.map(({ name }) => unread(name, 'it does not exist')),
  ];
  const reasons = new Map(imported.map(({ name, reason }) => [name, reason]));
  const warnings = modules.flatMap(({ name, index }) => {
    const reason = reasons.get(name);
    return reason
      ? [
          `${displayed(index)} cannot be imported (${reason}): the types of fields that it \`needs\` from other modules are left out, and the services of all its .proto files are written. Fix it and run codegen again.`,
        ]
      : [];
  });
  const declared = imported.map(
    ({ name, needs, grpc, reason }) => [name, { needs, grpc: reason === null ? grpc : null }] as const,
  );
  return { declared: new Map(declared), warnings };
};

/**
 * Types of the fields that a module needs, from the SDL of the other modules. A field that none provides is `unknown`,
 * with a warning.
 */
export const neededTypes = (
  module: ModuleFiles,
  needs: DeclaredNeeds,
  others: readonly ParsedSdl[],
): { readonly types: NeededTypes; readonly warnings: readonly string[] } => {
  const warnings: string[] = [];
  const warn = (problem: string): 'unknown' => {
    warnings.push(`${displayed(module.index)}: ${problem}`);
    return 'unknown';
  };
  const typeOf = (typeName: string, { name: fieldName, node }: NeededField): string => {
    for (const sdl of others) {
      const type = sdl.schema.getType(typeName);
      const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[fieldName] : undefined;
      if (field) return foreignType(field.type, sdl, node);
    }
    return warn(
      `no other module provides ${typeName}.${fieldName}, which ${module.name} needs. ` +
        'Correct the name in merge, or add the field to the module that has it.',
    );
  };
  const property = (typeName: string, text: string): readonly [name: string, type: string] => {
    try {
      const need = parseNeed(text);
      return [need.property, typeOf(typeName, need)];
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      return [text, warn(`${module.name} needs "${text}", which is not a field: ${error.message} Correct the text.`)];
    }
  };
  const byType = Object.entries(needs).map(([type, fields]) => {
    const byField = Object.entries(fields).map(([field, needed]) => [
      field,
      Object.fromEntries(needed.map((text) => property(type, text))),
    ]);
    return [type, Object.fromEntries(byField)];
  });
  return { types: Object.fromEntries(byType), warnings };
};
