import { join } from 'node:path';
import { importContract } from '../../../src/cli/import/import-contract.ts';
import type { ImportOptions } from '../../../src/cli/import/import-options.ts';
import type { ImportDependencies } from '../../../src/cli/import/import-source.ts';
import { systemClock } from '../../../src/core/clock.ts';

/** Contracts of the tests. */
export const FIXTURE = join(import.meta.dirname, '../../../src/cli/import/fixture');

/** Files of a folder for modules. */
export const PACKAGE = { 'package.json': '{ "type": "module" }' };

/** Imports a contract into the modules of a folder. */
export const importInto = (
  folder: string,
  source: string,
  options: Partial<ImportOptions> = {},
  dependencies: Partial<ImportDependencies> = {},
): Promise<string> =>
  importContract(
    {
      source,
      name: null,
      select: [],
      reads: [],
      all: false,
      list: false,
      protoPaths: [],
      headers: [],
      graphql: false,
      prefix: '',
      renames: [],
      answer: null,
      dir: join(folder, 'schema'),
      ...options,
    },
    { clock: systemClock, announce: () => {}, ...dependencies },
  );
