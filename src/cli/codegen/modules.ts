import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '../../core/errors.ts';
import { displayed } from './problems.ts';

/** Source files of a module's types. */
export interface ModuleFiles {
  /** Name of the folder. */
  readonly name: string;
  readonly folder: string;
  readonly sdl: string;
  /** Sorted, including files in subfolders. */
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
      `${displayed(schemaDir)} is not a readable folder. Create it, or set SCHEMA_DIR to the folder of the modules.`,
    ]);
  }
};

/**
 * Finds the schema modules in a folder: every subfolder with a schema.graphql, sorted by name.
 *
 * @throws ConfigurationError if the folder cannot be read.
 */
export const findModules = (schemaDir: string): ModuleFiles[] =>
  listed(schemaDir)
    .toSorted()
    .map((name) => ({ name, folder: join(schemaDir, name) }))
    .filter(({ folder }) => existsSync(join(folder, 'schema.graphql')))
    .map(({ name, folder }) => filesIn(folder, name));
