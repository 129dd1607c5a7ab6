import { readFileSync } from 'node:fs';
import { type DocumentNode, Kind, type OperationDefinitionNode } from 'graphql';
import { ConfigurationError } from '../../core/errors.ts';
import { CannotPlan } from '../../execution/plan/cannot-plan.ts';
import { PlanCache } from '../../execution/plan/plan-cache.ts';
import { assumeAsked } from '../../graph/explain/assume-conditions.ts';
import { type Blast, blastRadius } from '../../graph/explain/blast-radius.ts';
import { blastTable } from '../../graph/explain/blast-table.ts';
import { titleOf, whyNoPlan } from '../../graph/explain/explain.ts';
import { type DocumentText, readDocuments } from '../../graph/explain/read-documents.ts';
import { errorMessage } from '../command/exit-code.ts';
import { readGraph } from './read-graph.ts';

/** An operation with what it loses; without blasts if it has no plan. */
export interface BlastResult {
  readonly title: string;
  readonly blasts: readonly Blast[];
  readonly text: string;
}

const textsOf = (files: readonly string[]): { texts: readonly DocumentText[]; problems: readonly string[] } => {
  const texts: DocumentText[] = [];
  const problems: string[] = [];
  for (const name of files) {
    try {
      texts.push({ name, text: readFileSync(name, 'utf8') });
    } catch (error) {
      problems.push(`${name}  cannot be read: ${errorMessage(error)}`);
    }
  }
  return { texts, problems };
};

const resultOf = (plans: PlanCache, document: DocumentNode, operation: OperationDefinitionNode): BlastResult => {
  const file = operation.loc?.source.name;
  const title = `${titleOf(operation)} (${file})`;
  const assumed = assumeAsked(document, operation, {});
  const plan = plans.planOf(assumed.document, assumed.operation, {});
  if (plan instanceof CannotPlan) return { title, blasts: [], text: `Unknown. ${whyNoPlan(plan)}` };
  const blasts = blastRadius(plan);
  return { title, blasts, text: blasts.length === 0 ? 'Uses no backend.' : blastTable(blasts) };
};

/**
 * Returns what each operation in these files loses, in the order of the files.
 *
 * @throws ConfigurationError with all files that are unreadable or invalid, and for invalid modules
 */
export const blastResults = async (files: readonly string[], env: NodeJS.ProcessEnv): Promise<BlastResult[]> => {
  const { graph, limits } = await readGraph(env);
  const { texts, problems: unread } = textsOf(files);
  const { documents, problems } = readDocuments(texts, graph.schema, limits);
  const all = [...unread, ...problems];
  if (all.length > 0) throw new ConfigurationError('Invalid documents:', all);
  const plans = new PlanCache(graph);
  return documents.flatMap((document) =>
    document.definitions.flatMap((node) =>
      node.kind === Kind.OPERATION_DEFINITION ? [resultOf(plans, document, node)] : [],
    ),
  );
};
