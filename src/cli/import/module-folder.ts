import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isTypeDefinitionNode, parse } from 'graphql';
import { generateFolders, write } from '../codegen/generate.ts';
import { displayed } from '../codegen/problems.ts';
import { CommandFailure } from '../command/exit-code.ts';
import type { ImportedFolder } from './imported-folder.ts';
import { oneLine } from './names/names.ts';
import { sdlChanges } from './sdl-changes.ts';

/** What an import did to a folder. */
export interface WrittenModule {
  readonly written: readonly string[];
  /** Files with lines of the author, which the import has not changed. */
  readonly kept: readonly string[];
  /** Changes of the SDL since the last import; null for the first. */
  readonly changes: readonly string[] | null;
  /** Warnings of codegen, such as a module that cannot be loaded. */
  readonly warnings: readonly string[];
}

const SDL = 'imported.generated.graphql';
const CODE = 'imported.generated.ts';

const SCHEMA = `# import * from "./${SDL}"

# Fields and types of your own: extend type Query { … }. A type that is defined here replaces the imported one.
`;

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

const textOf = (file: string): string | null => (existsSync(file) ? readFileSync(file, 'utf8') : null);

/** The hashes of the author's files as the last import wrote them. */
const recorded = (code: string | null): ReadonlyMap<string, string> =>
  new Map(
    [...(code ?? '').matchAll(/^\/\/ As written: (\S+) ([0-9a-f]+)$/gm)].map(([, file = '', hash = '']) => [
      file,
      hash,
    ]),
  );

/** Types that the author's schema.graphql defines itself. */
const ownedTypes = (schema: string | null): ReadonlySet<string> => {
  if (schema === null || schema.replaceAll(/#.*/g, '').trim() === '') return new Set();
  try {
    return new Set(
      parse(schema)
        .definitions.filter(isTypeDefinitionNode)
        .map(({ name }) => name.value),
    );
  } catch (cause) {
    throw new CommandFailure(`schema.graphql is not valid: correct it, and import again.`, { cause });
  }
};

const headerOf = (module: ImportedFolder, source: string, command: string): string[] => [
  `Written by \`tributary import\` from ${source} (${module.title}). Do not edit: index.ts and schema.graphql are yours.`,
  `To import it again: ${command}`,
];

/**
 * Writes a module's folder, or updates the generated files of a folder that an import wrote.
 *
 * @throws CommandFailure for a folder that no import wrote, and for problems of codegen
 */
export const writeModule = async (
  folder: string,
  module: ImportedFolder,
  source: string,
  command: string,
): Promise<WrittenModule> => {
  const path = (name: string): string => join(folder, name);
  const before = { sdl: textOf(path(SDL)), code: textOf(path(CODE)), schema: textOf(path('schema.graphql')) };
  if (before.code === null && Object.keys(module.own).some((name) => existsSync(path(name))))
    throw new CommandFailure(`${displayed(folder)} is a module that was not imported: choose another name with --as.`);

  const owned = ownedTypes(before.schema);
  const lines = headerOf(module, source, command);
  const sdl = `${lines.map((line) => `# ${oneLine(line)}`).join('\n')}\n\n${module.sdl(owned)}`;

  const hashes = new Map(recorded(before.code));
  const texts = new Map<string, string>([[SDL, sdl], ...module.copies]);
  const kept: string[] = [];
  for (const [name, text] of Object.entries(module.own)) {
    const current = textOf(path(name));
    const isEdited = current !== null && hashOf(current) !== hashes.get(name);
    if (isEdited && current !== text) kept.push(name);
    if (isEdited) continue;
    texts.set(name, text);
    hashes.set(name, hashOf(text));
  }
  if (before.schema === null) texts.set('schema.graphql', SCHEMA);
  else kept.push(...(before.schema === SCHEMA ? [] : ['schema.graphql']));
  const record = [...hashes].map(([name, hash]) => `As written: ${name} ${hash}`);
  texts.set(CODE, module.code([...lines, ...record].map((line) => `// ${oneLine(line)}`).join('\n')));

  const stale = [...texts].filter(([name, text]) => textOf(path(name)) !== text);
  await Promise.all(
    stale.map(async ([name, text]) => {
      await mkdir(dirname(path(name)), { recursive: true });
      await writeFile(path(name), text);
    }),
  );
  const types = await generateFolders([folder]);
  const generated = await write(types.files);
  if (types.problems.length > 0)
    throw new CommandFailure(
      `The types of the module cannot be generated:\n${types.problems.map((problem) => `  ${problem}`).join('\n')}`,
    );
  return {
    written: [...stale.map(([name]) => path(name)), ...generated.written].map(displayed),
    kept: kept.map((name) => displayed(path(name))),
    changes: before.sdl === null ? null : sdlChanges(before.sdl, sdl),
    warnings: types.warnings,
  };
};
