import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ConfigurationError } from '../../core/errors.ts';
import { fileText } from './file.ts';
import { findModules, type ModuleFiles } from './modules.ts';
import { type Declarations, declaredIn, neededTypes } from './needed-types.ts';
import { displayed } from './problems.ts';
import { readProtos, type ServiceSource } from './proto/proto.ts';
import { type ParsedSdl, parseSdl } from './sdl/sdl.ts';

/** A generated file with its new text. */
export interface Generated {
  readonly path: string;
  readonly text: string;
  /** True if the file already has this text. */
  readonly current: boolean;
}

export interface Generation {
  readonly files: readonly Generated[];
  /** Problems that prevent the generation of a module, one line each: `file:line:column: what. Fix.` */
  readonly problems: readonly string[];
  /** Modules that were generated incompletely, and why. */
  readonly warnings: readonly string[];
}

interface Sources {
  readonly module: ModuleFiles;
  readonly sdl: ParsedSdl | null;
  readonly problems: readonly string[];
}

/** Returns the result of `read`; null if it reported problems. */
const reading = <T>(problems: string[], read: () => T): T | null => {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    problems.push(...error.problems);
    return null;
  }
};

const readSources = (module: ModuleFiles): Sources => {
  const problems: string[] = [];
  const sdl = reading(problems, () => parseSdl(module.sdl, readFileSync(module.sdl, 'utf8')));
  return { module, sdl, problems };
};

const NOTHING_DECLARED: Declarations = { needs: {}, grpc: null };

/** The services that the module's upstreams name; those of all its .proto files if it cannot be imported. */
const serviceSources = ({ folder, protos }: ModuleFiles, { grpc }: Declarations): readonly ServiceSource[] =>
  grpc === null
    ? protos.map((proto) => ({ folder, proto, services: 'all' }))
    : grpc.map(({ proto, protoPaths, service }) => ({ folder, proto, protoPaths, services: [service] }));

/**
 * Generates the files of the modules in `schemaDir`, or of those with a folder in `only`, without writing them. Other
 * modules are read too, because they may provide needed fields; their problems are not reported.
 */
export const generateAll = async (schemaDir: string, only?: readonly string[]): Promise<Generation> => {
  const problems: string[] = [];
  const modules = reading(problems, () => findModules(schemaDir)) ?? [];
  const missing = (only ?? []).filter((folder) => !modules.some((module) => module.folder === folder));
  problems.push(
    ...missing.map((folder) => `${displayed(folder)} has no schema.graphql. Write the module's SDL there.`),
  );

  const sources = modules.map(readSources);
  const selected = sources.filter(({ module }) => only?.includes(module.folder) ?? true);
  problems.push(...selected.flatMap((source) => source.problems));

  const { declared, warnings } = await declaredIn(
    schemaDir,
    selected.map(({ module }) => module),
  );
  const generated = selected.map(({ module, sdl }) => {
    const declarations = declared.get(module.name) ?? NOTHING_DECLARED;
    const protos = reading(problems, () => readProtos(serviceSources(module, declarations)));
    const others = sources.flatMap((other) => (other.module !== module && other.sdl ? other.sdl : []));
    const needed = neededTypes(module, declarations.needs, others);
    const files = sdl && protos ? [compared(module.generated, fileText(module, sdl, protos, needed.types))] : [];
    return { files, warnings: needed.warnings };
  });
  return {
    files: generated.flatMap(({ files }) => files),
    problems,
    warnings: [...warnings, ...generated.flatMap((each) => each.warnings)],
  };
};

/** Generates the modules in these folders. Modules in the same parent folder are read together. */
export const generateFolders = async (folders: readonly string[]): Promise<Generation> => {
  const byParent = Map.groupBy(
    folders.map((folder) => resolve(folder)),
    (folder) => dirname(folder),
  );
  const all = await Promise.all([...byParent].map(([parent, only]) => generateAll(parent, only)));
  return {
    files: all.flatMap(({ files }) => files),
    problems: all.flatMap(({ problems }) => problems),
    warnings: all.flatMap(({ warnings }) => warnings),
  };
};

const compared = (path: string, text: string): Generated => ({
  path,
  text,
  current: existsSync(path) && readFileSync(path, 'utf8') === text,
});

/**
 * Generates the text of one module's schema.generated.ts. Folders next to it are the other modules.
 *
 * @throws ConfigurationError with all problems of its SDL and .proto files, or for a missing schema.graphql.
 */
export const generateModule = async (folder: string): Promise<string> => {
  const path = resolve(folder);
  const { files, problems } = await generateAll(dirname(path), [path]);
  const [file] = files;
  if (!file || problems.length > 0) throw new ConfigurationError(`${displayed(path)} cannot be generated:`, problems);
  return file.text;
};

/** Writes changed files. Returns the paths of written and of unchanged files. */
export const write = async (
  files: readonly Generated[],
): Promise<{ readonly written: string[]; readonly unchanged: string[] }> => {
  const stale = files.filter(({ current }) => !current);
  await Promise.all(stale.map(({ path, text }) => writeFile(path, text)));
  const unchanged = files.filter(({ current }) => current);
  return { written: stale.map(({ path }) => path), unchanged: unchanged.map(({ path }) => path) };
};

/**
 * Updates the generated files of all modules in `schemaDir`. Current files are not touched; a module with problems
 * keeps its file, and the others are written. Warnings name modules that were generated incompletely.
 */
export const writeAll = async (
  schemaDir: string,
): Promise<{ written: string[]; unchanged: string[]; problems: string[]; warnings: string[] }> => {
  const { files, problems, warnings } = await generateAll(resolve(schemaDir));
  return { ...(await write(files)), problems: [...problems], warnings: [...warnings] };
};
