import { ConfigurationError } from '../../core/errors.ts';
import { explainer } from '../../graph/explain/explain.ts';
import { readDocuments } from '../../graph/explain/read-documents.ts';
import { errorMessage, UsageError } from '../command/exit-code.ts';
import { chosenOperation } from './chosen-operation.ts';
import { readGraph } from './read-graph.ts';

/** An operation to explain. */
export interface ExplainedOperation {
  /** The document. */
  readonly query: string;
  /** Required if the document has several operations. */
  readonly name: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * Returns the plan of an operation as text.
 *
 * @throws ConfigurationError for a document or variables that the gateway would reject, and for invalid modules
 * @throws UsageError if the document has several operations and the name is none of them
 */
export const planText = async (
  { query, name, variables }: ExplainedOperation,
  env: NodeJS.ProcessEnv,
): Promise<string> => {
  const { composition, graph, limits, costs } = await readGraph(env);
  const { documents, problems } = readDocuments([{ name: 'query', text: query }], graph.schema, limits);
  if (problems.length > 0) throw new ConfigurationError('The gateway would reject this document:', problems);
  const [document] = documents;
  if (document === undefined) throw new UsageError('The document has no operation, only fragments.');
  const explain = explainer(graph, composition.authorization, costs);
  const text = explain(document, chosenOperation(document, name), variables);
  if (typeof text === 'string') return text.trimEnd();
  throw new ConfigurationError('The gateway would reject these variables:', text.map(errorMessage));
};
