import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ConfigurationError } from '../../src/errors.ts';
import { fileText } from './file.ts';
import { displayed } from './mistakes.ts';
import { findModules, type ModuleFiles } from './modules.ts';
import { type Declarations, declaredIn, neededTypes } from './needs.ts';
import { readProtos, type ServiceSource } from './proto.ts';
import { type ModuleSdl, readSdl } from './sdl.ts';

/** A generated file as it should be. */
export interface Generated {
  readonly path: string;
  readonly text: string;
  /** Whether the file has this text already. */
  readonly current: boolean;
}

export interface Generation {
  readonly files: readonly Generated[];
  /** What keeps a module from being generated, one line each: `file:line:column: what. Remedy.` */
  readonly mistakes: readonly string[];
  /** What was generated with less than it could be. */
  readonly warnings: readonly string[];
}

interface Sources {
  readonly module: ModuleFiles;
  readonly sdl: ModuleSdl | null;
  readonly mistakes: readonly string[];
}

/** What `read` returns, or null where it told of mistakes. */
const reading = <T>(mistakes: string[], read: () => T): T | null => {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    mistakes.push(...error.problems);
    return null;
  }
};

const readSources = (module: ModuleFiles): Sources => {
  const mistakes: string[] = [];
  const sdl = reading(mistakes, () => readSdl(module.sdl, readFileSync(module.sdl, 'utf8')));
  return { module, sdl, mistakes };
};

const NOTHING_DECLARED: Declarations = { needs: {}, grpc: null };

/** The services that the module's upstreams name. Of a module that cannot be imported, those of all its .proto files. */
const serviceSources = ({ folder, protos }: ModuleFiles, { grpc }: Declarations): readonly ServiceSource[] =>
  grpc === null
    ? protos.map((proto) => ({ folder, proto, services: 'all' }))
    : grpc.map(({ proto, protoPaths, service }) => ({ folder, proto, protoPaths, services: [service] }));

/**
 * The generated files of the modules in `schemaDir`, or of those with a folder in `only`, without writing any. The
 * others are read as well, because they may have fields that these need; their mistakes are not told.
 */
export const generateAll = async (schemaDir: string, only?: readonly string[]): Promise<Generation> => {
  const mistakes: string[] = [];
  const modules = reading(mistakes, () => findModules(schemaDir)) ?? [];
  const absent = (only ?? []).filter((folder) => !modules.some((module) => module.folder === folder));
  mistakes.push(
    ...absent.map((folder) => `${displayed(folder)} has no schema.graphql. Write the module's part there.`),
  );

  const sources = modules.map(readSources);
  const wanted = sources.filter(({ module }) => only?.includes(module.folder) ?? true);
  mistakes.push(...wanted.flatMap((source) => source.mistakes));

  const { declared, warnings } = await declaredIn(
    schemaDir,
    wanted.map(({ module }) => module),
  );
  const generated = wanted.map(({ module, sdl }) => {
    const declarations = declared.get(module.name) ?? NOTHING_DECLARED;
    const protos = reading(mistakes, () => readProtos(serviceSources(module, declarations)));
    const others = sources.flatMap((other) => (other.module !== module && other.sdl ? other.sdl : []));
    const needed = neededTypes(module, declarations.needs, others);
    const files = sdl && protos ? [compared(module.generated, fileText(module, sdl, protos, needed.types))] : [];
    return { files, warnings: needed.warnings };
  });
  return {
    files: generated.flatMap(({ files }) => files),
    mistakes,
    warnings: [...warnings, ...generated.flatMap((each) => each.warnings)],
  };
};

const compared = (path: string, text: string): Generated => ({
  path,
  text,
  current: existsSync(path) && readFileSync(path, 'utf8') === text,
});

/**
 * The text of one module's schema.generated.ts. The folders beside it are taken for the other modules.
 *
 * @throws ConfigurationError with everything that is wrong with its SDL and .proto files, or when it has no schema.graphql.
 */
export const generateModule = async (folder: string): Promise<string> => {
  const path = resolve(folder);
  const { files, mistakes } = await generateAll(dirname(path), [path]);
  const [file] = files;
  if (!file || mistakes.length > 0) throw new ConfigurationError(`${displayed(path)} cannot be generated:`, mistakes);
  return file.text;
};

/** Writes those files that are not current. Returns the paths of what was written and of what was not. */
export const write = async (
  files: readonly Generated[],
): Promise<{ readonly written: string[]; readonly unchanged: string[] }> => {
  const stale = files.filter(({ current }) => !current);
  await Promise.all(stale.map(({ path, text }) => writeFile(path, text)));
  const unchanged = files.filter(({ current }) => current);
  return { written: stale.map(({ path }) => path), unchanged: unchanged.map(({ path }) => path) };
};

/**
 * Brings the generated files of all modules in `schemaDir` up to date. A file that is current is not touched; a module
 * with mistakes keeps the file that it has, and the others are written all the same. Warnings tell what was generated
 * with less than it could be.
 */
export const writeAll = async (
  schemaDir: string,
): Promise<{ written: string[]; unchanged: string[]; mistakes: string[]; warnings: string[] }> => {
  const { files, mistakes, warnings } = await generateAll(resolve(schemaDir));
  return { ...(await write(files)), mistakes: [...mistakes], warnings: [...warnings] };
};
