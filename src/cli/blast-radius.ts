import { defineCommand } from './command/define-command.ts';
import { EXIT_CODES, UsageError } from './command/exit-code.ts';

export const blastRadiusCommand = defineCommand({
  name: 'blast-radius',
  summary: 'Prints which part of a response is lost while each backend is down.',
  arguments: '<file>…',
  details: `A file may have several operations. Fragments of files without operations are available to all others.
Fields that a variable may skip or include count as requested.`,
  options: {
    strict: { type: 'boolean', default: false, description: 'exits with 1 if a single backend takes a whole page' },
  },
  run: async ({ values, positionals: files }, { env, print, printError }) => {
    if (files.length === 0) throw new UsageError('No file given.');
    const { blastResults } = await import('./explain/blast-results.ts');
    const results = await blastResults(files, env);
    if (results.length === 0) printError('No operation in these files, only fragments.');
    else print(results.map(({ title, text }) => `${title}\n\n${text}`).join('\n\n'));
    const whole = results.flatMap(({ title, blasts }) =>
      blasts.filter(({ takes }) => takes === 'whole page').map(({ backend }) => `  ${title}: ${backend}`),
    );
    if (!values.strict || whole.length === 0) return EXIT_CODES.success;
    printError(['A single backend takes the whole page of', ...whole].join('\n'));
    return EXIT_CODES.failure;
  },
});
