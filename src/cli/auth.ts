import { defineCommand, unknownWord } from './command/define-command.ts';
import { EXIT_CODES, UsageError } from './command/exit-code.ts';

export const authCommand = defineCommand({
  name: 'auth',
  summary: 'Prints who can reach which field and route, by role, scope and policy, and what has changed.',
  arguments: 'report',
  details: `The report is computed over all paths from the root types. With --against it has the differences to another report,
and the exit code is 1 if callers have access that they did not have before.`,
  options: {
    json: { type: 'boolean', default: false, description: 'prints JSON' },
    against: {
      type: 'string',
      value: 'folder or file',
      description: 'folder of schema modules, or a file that --json has written, to compare with',
    },
  },
  run: async ({ values, positionals }, { env, print, printError }) => {
    const [word, unexpected] = positionals;
    if (word === undefined) throw new UsageError('Name a report: tributary auth report.');
    if (word !== 'report') throw unknownWord('argument', word, ['report']);
    if (unexpected !== undefined) throw new UsageError(`Unexpected argument ${unexpected}.`);
    const { authReport } = await import('./auth/auth-report.ts');
    const { text, widened } = await authReport({ json: values.json, against: values.against ?? null }, env);
    print(text);
    if (widened.length === 0) return EXIT_CODES.success;
    printError(`Access was widened to ${widened.join(', ')}.`);
    return EXIT_CODES.failure;
  },
});
