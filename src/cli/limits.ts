import { defineCommand, unknownWord } from './command/define-command.ts';
import { EXIT_CODES, UsageError } from './command/exit-code.ts';
import { variablesIn } from './command/variables-in.ts';

export const limitsCommand = defineCommand({
  name: 'limits',
  summary: 'Prints which rules of LIMITS apply to an operation of a caller, and what they count.',
  arguments: "explain '<query>'",
  details: 'Needs only the modules in SCHEMA_DIR and the file of LIMITS: no endpoints, and no connection.',
  options: {
    file: { type: 'string', value: 'path', description: 'file with rules, in place of LIMITS' },
    operation: { type: 'string', value: 'name', description: 'operation to explain, if the document has several' },
    variables: { type: 'string', value: 'json', default: '{}', description: 'values of variables' },
    caller: {
      type: 'string',
      value: 'kind',
      default: 'anonymous',
      description: 'anonymous, user, api-key or certificate',
    },
    subject: { type: 'string', value: 'id', default: 'someone', description: 'subject of the caller' },
    owner: { type: 'string', value: 'owner', default: 'someone', description: 'owner of the API key' },
    plan: { type: 'string', value: 'plan', description: 'plan of the API key; that of a user is a claim' },
    role: { type: 'string', value: 'role', multiple: true, description: 'a role' },
    scope: { type: 'string', value: 'scope', multiple: true, description: 'a scope' },
    claim: { type: 'string', value: 'name=value', multiple: true, description: 'a claim of the token' },
    address: { type: 'string', value: 'ip', default: '192.0.2.1', description: 'address of the caller' },
    client: { type: 'string', value: 'name', description: 'name of the client' },
    json: { type: 'boolean', default: false, description: 'prints JSON' },
  },
  run: async ({ values, positionals }, { env, print }) => {
    const [word, query, unexpected] = positionals;
    if (word === undefined) throw new UsageError("Name an action: tributary limits explain '<query>'.");
    if (word !== 'explain') throw unknownWord('action', word, ['explain']);
    if (query === undefined) throw new UsageError('No query given.');
    if (unexpected !== undefined) throw new UsageError('More than one query: quote it.');
    const { variables, operation, file, plan, client, role = [], scope = [], claim = [], ...others } = values;
    const read = variablesIn(variables);
    const { explainLimits } = await import('./limits/explain-limits.ts');
    const caller = { plan, client, role, scope, claim, operation, file, ...others };
    print(await explainLimits({ ...caller, query, variables: read }, env));
    return EXIT_CODES.success;
  },
});
