import { type GraphQLSchema, isScalarType } from 'graphql';
import { typeName } from '../../names/names.ts';
import { literal } from '../../write/literal.ts';
import type { ImportedSchema } from '../imported-schema.ts';
import { mappedScalar } from '../service-scalars.ts';
import { SCALAR_SAMPLES } from './schema-samples.ts';
import { SERVICE_FILE } from './schema-texts.ts';

/** Values of the scalars of a service; without those that are the name of their field. */
const scalarsOf = (schema: GraphQLSchema): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.values(schema.getTypeMap())
      .filter(isScalarType)
      .flatMap((type) => {
        const { name } = mappedScalar(type);
        return Object.hasOwn(SCALAR_SAMPLES, name) ? [[type.name, SCALAR_SAMPLES[name]]] : [];
      }),
  );

/** The field that the SDL of a subgraph leaves out. */
const federatedText = (entities: readonly string[], query: string): string =>
  `/** The field of a federated subgraph, which its SDL leaves out. */
const ENTITIES = \`
scalar _Any
union _Entity = ${entities.join(' | ')}
extend type ${query} { _entities(representations: [_Any!]!): [_Entity]! }
\`;

`;

/** The text of mock.ts: a GraphQL server with a value for every field. `extended` are types that the SDL does not define. */
export const schemaMock = ({ name, path, schema, loaders }: ImportedSchema, extended: readonly string[]): string => {
  const defined = extended.map((type) => `.replace('extend ${type} ', '${type} ')`).join('');
  const type = typeName(name);
  const entities = loaders.flatMap((loader) => (loader.by === null ? loader.type : []));
  const isFederated = entities.length > 0 && schema.getQueryType()?.getFields()._entities === undefined;
  return `import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import {
  buildSchema,
  type GraphQLOutputType,
  getNullableType,
  graphql,
  isAbstractType,
  isEnumType,
  isListType,
  isScalarType,
} from 'graphql';

${isFederated ? federatedText(entities, schema.getQueryType()?.name ?? 'Query') : ''}const schema = buildSchema(readFileSync(new URL('./${SERVICE_FILE}', import.meta.url), 'utf8')${defined}${isFederated ? ' + ENTITIES' : ''}, { assumeValidSDL: true });

/** Values of scalars by name; those of others are the name of their field. */
const SCALARS: Readonly<Record<string, unknown>> = ${literal(scalarsOf(schema))};

/** Responses of root fields, by name; a function receives the arguments. Other fields have a value of their type. */
const RESPONSES: Readonly<Record<string, (args: Readonly<Record<string, unknown>>) => unknown>> = {${entities.length === 0 ? '' : '\n  _entities: ({ representations }) => representations,\n'}};

/** A value of a type. \`args\` of a root field are the fields of its row. */
const valueOf = (type: GraphQLOutputType, name: string, args: Readonly<Record<string, unknown>>): unknown => {
  const of = getNullableType(type);
  if (isListType(of)) {
    const keys = Object.entries(args).find(([, value]) => Array.isArray(value));
    if (keys === undefined) return [valueOf(of.ofType, name, args)];
    const [argument, values] = keys;
    return (values as readonly unknown[]).map((key) => valueOf(of.ofType, name, { [argument.replace(/s$/, '')]: key }));
  }
  if (isEnumType(of)) return of.getValues()[0]?.value;
  if (isScalarType(of)) return SCALARS[of.name] ?? name;
  return isAbstractType(of) ? { __typename: schema.getPossibleTypes(of)[0]?.name, ...args } : args;
};

/** The running service. */
export interface ${type}Mock extends AsyncDisposable {
  readonly url: string;
  /** Operations so far, as sent. */
  readonly calls: readonly string[];
}

/** Starts the service. Port 0 is a free one. */
export const start${type} = async (port = 0): Promise<${type}Mock> => {
  const calls: string[] = [];
  const server = createServer(async (request, response) => {
    const { query, variables, operationName } = JSON.parse(await text(request));
    calls.push(query);
    const result = await graphql({
      schema,
      source: query,
      variableValues: variables,
      operationName,
      fieldResolver: (row, args, _context, { fieldName, parentType, returnType }) => {
        const isRoot = parentType === schema.getQueryType() || parentType === schema.getMutationType();
        if (isRoot) return RESPONSES[fieldName]?.(args) ?? valueOf(returnType, fieldName, args);
        return row?.[fieldName] ?? valueOf(returnType, fieldName, {});
      },
    });
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');
  // A server that listens on a port has an address of this form.
  const address = server.address() as AddressInfo;
  const stop = async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { url: \`http://127.0.0.1:\${address.port}\`, calls, [Symbol.asyncDispose]: stop };
};

// \`node mock.ts 9000\` runs it; it answers at ${path}, and at any other path.
if (process.argv[1] === fileURLToPath(import.meta.url)) console.log((await start${type}(Number(process.argv[2] ?? 0))).url);
`;
};
