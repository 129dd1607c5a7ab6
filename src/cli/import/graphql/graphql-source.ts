import { basename } from 'node:path';
import {
  buildASTSchema,
  buildClientSchema,
  GraphQLError,
  type GraphQLSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  KnownDirectivesRule,
  printSchema,
  validateSchema,
} from 'graphql';
import { specifiedSDLRules } from 'graphql/validation/specifiedRules.js';
import { validateSDL } from 'graphql/validation/validate.js';
import { readServiceSdl } from '../../../backend/remote/service-schema.ts';
import type { Clock } from '../../../core/clock.ts';
import { CommandFailure } from '../../command/exit-code.ts';
import { type ImportOptions, parsedHeaders } from '../import-options.ts';
import type { ImportDependencies, ImportSource } from '../import-source.ts';
import { isJsonRecord, jsonIn, listIn, textIn } from '../json.ts';
import { downloaded, local, shownPath } from '../read-source.ts';
import { readSchema } from './read-schema.ts';
import { schemaFolder } from './schema-folder.ts';

interface ReadService {
  readonly name: string;
  readonly names: readonly string[];
  readonly schema: GraphQLSchema;
  readonly sdl: string;
  readonly origin: string | null;
  readonly path: string;
}

const RULES = specifiedSDLRules.filter((rule) => rule !== KnownDirectivesRule);

const notValid = (name: string, errors: readonly { readonly message: string }[], cause?: unknown): CommandFailure =>
  new CommandFailure(
    `The schema of ${name} is not valid:\n${errors
      .slice(0, 20)
      .map(({ message }) => `  ${message}`)
      .join('\n')}`,
    { cause },
  );

const checked = (schema: GraphQLSchema, name: string): GraphQLSchema => {
  const errors = validateSchema(schema);
  if (errors.length > 0) throw notValid(name, errors);
  return schema;
};

const readFileSchema = async (source: string): Promise<ReadService> => {
  const name = shownPath(source);
  const sdl = await local(source, name);
  const at = ({ locations, message }: GraphQLError): { readonly message: string } => {
    const place = locations?.at(-1);
    return { message: `${name}${place === undefined ? '' : `:${place.line}:${place.column}`}: ${message}` };
  };
  try {
    const document = readServiceSdl(source);
    // As at the start: directives need no declaration.
    const errors = validateSDL(document, null, RULES);
    if (errors.length > 0) throw notValid(name, errors.map(at));
    const schema = checked(buildASTSchema(document, { assumeValidSDL: true }), name);
    return { name, names: [basename(source).replace(/\.[^.]*$/, '')], schema, sdl, origin: null, path: '/graphql' };
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    throw notValid(name, [at(error)], error);
  }
};

/** The introspection query, without features that the server does not have. */
const QUERIES = [getIntrospectionQuery({ oneOf: true, inputValueDeprecation: true }), getIntrospectionQuery()];

const introspected = async (
  url: URL,
  name: string,
  headers: Readonly<Record<string, string>>,
  clock: Clock,
): Promise<unknown> => {
  let failure = '';
  for (const query of QUERIES) {
    const body = JSON.stringify({ query, operationName: 'IntrospectionQuery' });
    const sent = { 'content-type': 'application/json', accept: 'application/json', ...headers };
    const text = await downloaded({
      url,
      name,
      options: { method: 'POST', headers: sent, body },
      fix: 'Check the URL and the --header, or import the SDL of the service from a file.',
      clock,
    });
    let answer: unknown;
    try {
      answer = JSON.parse(text);
    } catch (cause) {
      throw new CommandFailure(`${name} is no GraphQL service: the answer is not JSON.`, { cause });
    }
    const { data, errors } = jsonIn(answer);
    if (isJsonRecord(data) && isJsonRecord(data.__schema)) return data;
    failure = textIn(jsonIn(listIn(errors)[0]).message) ?? 'the answer has no __schema';
  }
  throw new CommandFailure(
    `${name} cannot be introspected: ${failure.slice(0, 200)}. Turn introspection on, or import the SDL of the service from a file.`,
  );
};

const readUrlSchema = async (
  source: string,
  headers: Readonly<Record<string, string>>,
  clock: Clock,
): Promise<ReadService> => {
  const url = new URL(source);
  const name = `${url.origin}${url.pathname}`;
  const data = await introspected(url, name, headers, clock);
  try {
    // The parser checks the form.
    const schema = checked(buildClientSchema(data as IntrospectionQuery), name);
    const [host = ''] = url.hostname.replace(/^(api|graphql|www)\./, '').split('.');
    return { name, names: [host], schema, sdl: `${printSchema(schema)}\n`, origin: url.origin, path: url.pathname };
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw notValid(name, [{ message: error instanceof Error ? error.message : String(error) }], error);
  }
};

/** Reads the schema of a GraphQL service: its SDL in a file, or by introspection. */
export const graphqlSource = async (options: ImportOptions, { clock }: ImportDependencies): Promise<ImportSource> => {
  const { source, select, all, list, prefix, renames } = options;
  const headers = parsedHeaders(options.headers);
  const service = /^https?:/i.test(source) ? await readUrlSchema(source, headers, clock) : await readFileSchema(source);
  const { name, names, schema, sdl, origin, path } = service;
  return {
    name,
    names,
    convert: (module, taken) =>
      schemaFolder(
        readSchema({
          name: module,
          title: name,
          schema,
          origin,
          path,
          headers: Object.keys(headers),
          select,
          all: all || list,
          prefix,
          renames,
          taken,
        }),
        sdl,
      ),
  };
};
