import { resolve } from 'node:path';
import { displayed } from './codegen/problems.ts';
import { defineCommand } from './command/define-command.ts';
import { EXIT_CODES } from './command/exit-code.ts';

export const codegenCommand = defineCommand({
  name: 'codegen',
  summary: 'Writes the types of each schema module to its schema.generated.ts.',
  arguments: '[folder…]',
  details: 'Without folders it reads all modules of SCHEMA_DIR (default ./schema).',
  options: {
    check: {
      type: 'boolean',
      default: false,
      description: 'writes nothing; exits with 1 if a file is missing or outdated',
    },
  },
  run: async ({ values: { check }, positionals }, { env, print, printError }) => {
    const { generateAll, generateFolders, write } = await import('./codegen/generate.ts');
    const { schemaDir } = await import('../config/settings.ts');
    const { files, problems, warnings } =
      positionals.length === 0 ? await generateAll(resolve(schemaDir(env))) : await generateFolders(positionals);
    for (const warning of warnings) printError(`warning: ${warning}`);
    for (const path of check ? [] : (await write(files)).written) print(`wrote ${displayed(path)}`);
    const stale = check ? files.filter(({ current }) => !current) : [];
    const failures = [
      ...problems,
      ...stale.map(({ path }) => `${displayed(path)} is outdated. Run \`npm run codegen\` and commit it.`),
    ];
    for (const failure of failures) printError(failure);
    return failures.length > 0 ? EXIT_CODES.failure : EXIT_CODES.success;
  },
});
