/**
 * `npm run plan`: prints the plan of an operation, using only the modules in SCHEMA_DIR.
 *
 *   npm run -s plan -- '{ product(id: "p1") { name stock { available } } }'
 */
import { parseArgs } from 'node:util';
import { type DocumentNode, Kind, type OperationDefinitionNode } from 'graphql';
import { ConfigurationError } from '../src/core/errors.ts';
import { explainer } from '../src/graph/explain/explain.ts';
import { readDocuments } from '../src/graph/explain/read-documents.ts';
import { readGraph } from './graph.ts';

const USAGE = `Usage: npm run -s plan -- '<query>' [flags]

  --operation <name>   operation to explain, if the document has several
  --variables '<json>' values of variables; those of @skip and @include decide what is in the plan`;

const read = () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { operation: { type: 'string' }, variables: { type: 'string', default: '{}' } },
  });
  const [query, ...others] = positionals;
  if (query === undefined) throw new Error('No query given.');
  if (others.length > 0) throw new Error('More than one argument: quote the query.');
  return { query, name: values.operation, variables: objectIn(values.variables) };
};

const objectIn = (text: string): Readonly<Record<string, unknown>> => {
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch {
    // Reported below, with all other values that are not objects.
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`--variables must be a JSON object, not ${text}`);
  return { ...value };
};

const chosen = (document: DocumentNode, name: string | undefined): OperationDefinitionNode => {
  const all = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  const [first, ...others] = name === undefined ? all : all.filter((node) => node.name?.value === name);
  if (first !== undefined && others.length === 0) return first;
  const names = all.map((node) => node.name?.value ?? '(without a name)').join(', ');
  throw new Error(`Choose an operation with --operation: the document has ${names}.`);
};

const fail = (...lines: readonly string[]): never => {
  console.error(lines.join('\n'));
  process.exit(2);
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const options = (() => {
  try {
    return read();
  } catch (error) {
    return fail(messageOf(error), '', USAGE);
  }
})();

const explained = async (): Promise<string> => {
  const { composition, graph, limits } = await readGraph();
  const { documents, problems } = readDocuments([{ name: 'query', text: options.query }], graph.schema, limits);
  if (problems.length > 0) throw new ConfigurationError('The gateway would reject this document:', problems);
  const [document] = documents;
  if (document === undefined) throw new Error('The document has no operation, only fragments.');
  const explain = explainer(graph, composition.authorization.requirements);
  const text = explain(document, chosen(document, options.name), options.variables);
  if (typeof text === 'string') return text;
  throw new ConfigurationError('The gateway would reject these variables:', text.map(messageOf));
};

try {
  process.stdout.write(await explained());
} catch (error) {
  fail(messageOf(error));
}
