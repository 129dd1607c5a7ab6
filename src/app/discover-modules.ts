import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SchemaModule } from '../backend/define/module.ts';
import { printableText } from '../config/text.ts';
import { resolveModulesIn } from './module-resolution.ts';

export interface Discovered {
  /**
   * The loaded modules. A module with a wrong name is returned under the name of its folder, so that its other problems
   * are reported, too.
   */
  readonly modules: readonly SchemaModule[];
  /** Problems of modules that could not be loaded, each with its folder and a fix. */
  readonly problems: readonly string[];
}

const isModule = (value: unknown): value is SchemaModule =>
  typeof value === 'object' && value !== null && 'name' in value && 'typeDefs' in value && 'resolvers' in value;

const reason = (error: unknown): string => {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? text;
};

// Follows links: mounted volumes contain links to folders.
const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/**
 * Returns the file of this folder in which an import failed, with line and column if the error has them; otherwise
 * `file`.
 */
const placeOf = (error: unknown, folder: string, file: string): string => {
  const lines = error instanceof Error ? (error.stack ?? '').split('\n') : [];
  const places = lines.flatMap((line) => {
    const start = line.indexOf(`${folder}${sep}`);
    const [, place = null] = start === -1 ? [] : (/^(.+:\d+)\)?$/.exec(line.slice(start)) ?? []);
    return place ?? [];
  });
  return relative(process.cwd(), places[0] ?? file);
};

interface Loaded {
  readonly module: SchemaModule | null;
  readonly problem: string | null;
}

const unloaded = (problem: string): Loaded => ({ module: null, problem });

const load = async (folder: string): Promise<Loaded> => {
  const file = join(folder, 'index.ts');
  const shown = relative(process.cwd(), file);
  if ((await stat(file).catch(() => null)) === null)
    return unloaded(
      `${shown}: does not exist: every folder in SCHEMA_DIR is a schema module; create the file or remove the folder`,
    );
  try {
    const imported: unknown = await import(pathToFileURL(file).href);
    const module = typeof imported === 'object' && imported !== null && 'default' in imported ? imported.default : null;
    if (!isModule(module))
      return unloaded(`${shown}: exports no schema module: use \`export default defineBackend<Schema>()({ … })\``);
    const name = basename(folder);
    if (module.name === name) return { module, problem: null };
    return {
      module: { ...module, name },
      problem: `${shown}: is named "${module.name}" in a folder named "${name}": give both the same name`,
    };
  } catch (error) {
    return unloaded(`${placeOf(error, folder, file)}: cannot be loaded: ${reason(error)}`);
  }
};

/** Loads every folder in `schemaDir` as a schema module, sorted by name. */
export const discoverModules = async (schemaDir: string): Promise<Discovered> => {
  const root = resolve(schemaDir);
  const entries = await readdir(root).catch(() => null);
  const shown = schemaDir.includes('://') ? 'a URL' : printableText(schemaDir);
  if (entries === null) return { modules: [], problems: [`SCHEMA_DIR: ${shown} is not a readable folder`] };
  const candidates = entries.filter((name) => !/^[._]|^node_modules$/.test(name));
  const areFolders = await Promise.all(candidates.map((name) => isFolder(join(root, name))));
  const names = candidates.filter((_, index) => areFolders[index]).sort();
  if (names.length === 0)
    return {
      modules: [],
      problems: [`SCHEMA_DIR: ${shown} has no schema modules: each is a folder with an index.ts`],
    };
  resolveModulesIn(root);
  const loaded = await Promise.all(names.map((name) => load(join(root, name))));
  return {
    modules: loaded.flatMap(({ module }) => module ?? []),
    problems: loaded.flatMap(({ problem }) => problem ?? []),
  };
};
