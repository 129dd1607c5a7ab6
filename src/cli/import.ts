import { defineCommand } from './command/define-command.ts';
import { EXIT_CODES, UsageError } from './command/exit-code.ts';

export const importCommand = defineCommand({
  name: 'import',
  summary: "Writes a schema module from a backend's contract, or updates it: OpenAPI, gRPC, GraphQL.",
  arguments: '<file, URL or grpc://host:port>',
  details:
    'Writes SDL, loaders, resolvers, a test, and a mock of a gRPC or GraphQL service. Files that you have edited stay as they are.',
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
    all: { type: 'boolean', default: false, description: 'imports more than 60 operations without --select' },
    list: { type: 'boolean', default: false, description: 'writes nothing; prints what each operation becomes' },
    dir: { type: 'string', value: 'folder', description: 'folder of the modules; default: SCHEMA_DIR, or ./schema' },
  },
  run: async ({ values, positionals }, { env, print }) => {
    const [source, ...others] = positionals;
    if (source === undefined) throw new UsageError('No contract given.');
    if (others.length > 0) throw new UsageError('More than one argument: import one contract at a time.');
    const { schemaDir } = await import('../config/settings.ts');
    const { importContract } = await import('./import/import-contract.ts');
    const { as: name = null, select = [], reads = [], all, list, dir = schemaDir(env) } = values;
    const { 'proto-path': protoPaths = [], header: headers = [], graphql, prefix = '' } = values;
    print(await importContract({ source, name, select, reads, all, list, dir, protoPaths, headers, graphql, prefix }));
    return EXIT_CODES.success;
  },
});
