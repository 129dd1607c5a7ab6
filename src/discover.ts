import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SchemaModule } from './backend/module.ts';
import { resolveModulesIn } from './module-resolution.ts';

export interface Discovered {
  readonly modules: readonly SchemaModule[];
  /** What could not be taken as a module, each with its folder and a remedy. */
  readonly mistakes: readonly string[];
}

const isModule = (value: unknown): value is SchemaModule =>
  typeof value === 'object' && value !== null && 'name' in value && 'typeDefs' in value && 'resolvers' in value;

const reason = (error: unknown): string => {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? text;
};

// Links are followed: that is how volumes put folders together.
const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

const load = async (folder: string): Promise<SchemaModule | string> => {
  const file = join(folder, 'index.ts');
  const shown = relative(process.cwd(), file);
  if ((await stat(file).catch(() => null)) === null)
    return `${shown}: is not there: every folder beside it is a schema module, so write one or remove the folder`;
  try {
    const imported: unknown = await import(pathToFileURL(file).href);
    const module = typeof imported === 'object' && imported !== null && 'default' in imported ? imported.default : null;
    if (!isModule(module)) return `${shown}: has no schema module: \`export default defineBackend<Schema>()({ … })\``;
    return module.name === basename(folder)
      ? module
      : `${shown}: is named "${module.name}" in a folder named "${basename(folder)}": give both the same name`;
  } catch (error) {
    return `${shown}: cannot be loaded: ${reason(error)}`;
  }
};

/** Loads every folder of a folder as a schema module, in the order of their names. */
export const discoverModules = async (schemaDir: string): Promise<Discovered> => {
  const root = resolve(schemaDir);
  const entries = await readdir(root).catch(() => null);
  if (entries === null) return { modules: [], mistakes: [`SCHEMA_DIR: ${schemaDir} is not a folder that can be read`] };
  const candidates = entries.filter((name) => !/^[._]|^node_modules$/.test(name));
  const areFolders = await Promise.all(candidates.map((name) => isFolder(join(root, name))));
  const names = candidates.filter((_, index) => areFolders[index]).sort();
  if (names.length === 0)
    return {
      modules: [],
      mistakes: [`SCHEMA_DIR: ${schemaDir} has no schema modules: each is a folder with an index.ts`],
    };
  resolveModulesIn(root);
  const loaded = await Promise.all(names.map((name) => load(join(root, name))));
  return {
    modules: loaded.filter((outcome) => typeof outcome !== 'string'),
    mistakes: loaded.filter((outcome) => typeof outcome === 'string'),
  };
};
