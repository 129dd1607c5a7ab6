import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '../../src/errors.ts';
import { displayed } from './mistakes.ts';

/** The files of a schema module that its types come from. */
export interface ModuleFiles {
  /** Name of the folder. */
  readonly name: string;
  readonly folder: string;
  readonly sdl: string;
  /** Sorted, those in subfolders included. */
  readonly protos: readonly string[];
  readonly index: string;
  readonly generated: string;
}

const filesIn = (folder: string, name: string): ModuleFiles => ({
  name,
  folder,
  sdl: join(folder, 'schema.graphql'),
  protos: readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.proto') && !file.includes('node_modules'))
    .toSorted()
    .map((file) => join(folder, file)),
  index: join(folder, 'index.ts'),
  generated: join(folder, 'schema.generated.ts'),
});

const listed = (schemaDir: string): string[] => {
  try {
    return readdirSync(schemaDir);
  } catch {
    throw new ConfigurationError('No schema modules:', [
      `${displayed(schemaDir)} is no folder that can be read. Create it, or set SCHEMA_DIR to where the modules are.`,
    ]);
  }
};

/**
 * The schema modules in a folder, sorted by name: every folder in it that has a schema.graphql.
 *
 * @throws ConfigurationError when it cannot be read.
 */
export const findModules = (schemaDir: string): ModuleFiles[] =>
  listed(schemaDir)
    .toSorted()
    .map((name) => ({ name, folder: join(schemaDir, name) }))
    .filter(({ folder }) => existsSync(join(folder, 'schema.graphql')))
    .map(({ name, folder }) => filesIn(folder, name));
