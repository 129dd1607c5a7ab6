import { type Command, defineCommand } from './command/define-command.ts';
import { EXIT_CODES, UsageError } from './command/exit-code.ts';

const definition = defineCommand({
  name: 'import',
  summary: 'Writes a schema module, or updates it, from OpenAPI, gRPC, GraphQL or a curl command.',
  arguments: "<file, URL, grpc://host:port or 'curl …'>",
  details:
    'Writes SDL, loaders, resolvers, a test and a mock. Files that you have edited stay as they are. A curl command is sent once, and must be one argument.',
  options: {
    as: { type: 'string', value: 'name', description: 'name of the module and its folder; default: from the contract' },
    select: {
      type: 'string',
      value: 'operations',
      multiple: true,
      description:
        "operations to import: 'GET /pets/*', a tag, an operation id; of gRPC 'Library/Get*'; of GraphQL 'Mutation.*'",
    },
    reads: {
      type: 'string',
      value: 'operations',
      multiple: true,
      description: 'operations that only read in spite of their method or name; as for --select',
    },
    'proto-path': {
      type: 'string',
      value: 'folder',
      multiple: true,
      description: 'folder that imports of a .proto start in; default: that of the file',
    },
    header: {
      type: 'string',
      value: "'name: value'",
      multiple: true,
      description: 'header of requests to a server, such as authorization; its value is never written',
    },
    graphql: { type: 'boolean', default: false, description: 'the source is a GraphQL service, or its SDL' },
    prefix: { type: 'string', value: 'text', description: 'beginning of the names of the types of a GraphQL service' },
    rename: {
      type: 'string',
      value: 'name=name',
      multiple: true,
      description: 'another name: Type=NewType, Type.field=newField, Query.field=newField',
    },
    all: { type: 'boolean', default: false, description: 'imports more than 60 operations without --select' },
    list: { type: 'boolean', default: false, description: 'writes nothing; prints what each operation becomes' },
    answer: {
      type: 'string',
      value: 'file',
      description: 'answer to a curl command: it is read, and nothing is sent',
    },
    dir: { type: 'string', value: 'folder', description: 'folder of the modules; default: SCHEMA_DIR, or ./schema' },
  },
  run: async ({ values, positionals }, { env, print }) => {
    const [source, ...others] = positionals;
    if (source === undefined) throw new UsageError('No contract given.');
    if (others.length > 0) throw new UsageError('More than one argument: import one contract at a time.');
    const { schemaDir } = await import('../config/settings.ts');
    const { importContract } = await import('./import/import-contract.ts');
    const { as: name = null, select = [], reads = [], all, list, dir = schemaDir(env) } = values;
    const {
      'proto-path': protoPaths = [],
      header: headers = [],
      graphql,
      prefix = '',
      answer = null,
      rename: renames = [],
    } = values;
    const { systemClock } = await import('../core/clock.ts');
    const options = {
      source,
      name,
      select,
      reads,
      all,
      list,
      dir,
      protoPaths,
      headers,
      graphql,
      prefix,
      renames,
      answer,
    };
    print(await importContract(options, { clock: systemClock, announce: print }));
    return EXIT_CODES.success;
  },
});

export const importCommand: Command = {
  ...definition,
  run: async (args, context) => {
    // Checked before the options, because those of curl would be unknown ones of this command.
    if (args[0] === 'curl') throw new UsageError('Put the curl command in quotes, as one argument: import "curl …".');
    return definition.run(args, context);
  },
};
