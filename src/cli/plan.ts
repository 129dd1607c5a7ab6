import { defineCommand } from './command/define-command.ts';
import { EXIT_CODES, UsageError } from './command/exit-code.ts';
import { variablesIn } from './command/variables-in.ts';

export const planCommand = defineCommand({
  name: 'plan',
  summary: "Prints an operation's plan: which module provides what, by which key, in which order.",
  arguments: "'<query>'",
  details: 'Needs only the modules in SCHEMA_DIR: no endpoints, and no connection.',
  options: {
    operation: { type: 'string', value: 'name', description: 'operation to explain, if the document has several' },
    variables: {
      type: 'string',
      value: 'json',
      default: '{}',
      description: 'values of variables; those of @skip and @include decide what is in the plan',
    },
  },
  run: async ({ values, positionals }, { env, print }) => {
    const [query, ...others] = positionals;
    if (query === undefined) throw new UsageError('No query given.');
    if (others.length > 0) throw new UsageError('More than one argument: quote the query.');
    const variables = variablesIn(values.variables);
    const { planText } = await import('./explain/plan-text.ts');
    print(await planText({ query, name: values.operation, variables }, env));
    return EXIT_CODES.success;
  },
});
