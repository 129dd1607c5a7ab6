/**
 * `npm run blast-radius`: prints which part of an operation's answer is lost while each backend is down.
 *
 *   npm run -s blast-radius -- operations/*.graphql --strict
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type DocumentNode, Kind, type OperationDefinitionNode } from 'graphql';
import { ConfigurationError } from '../src/core/errors.ts';
import { CannotPlan } from '../src/execution/plan/cannot-plan.ts';
import { PlanCache } from '../src/execution/plan/plan-cache.ts';
import { assumeAsked } from '../src/graph/explain/assume-conditions.ts';
import { type Blast, blastRadius } from '../src/graph/explain/blast-radius.ts';
import { blastTable } from '../src/graph/explain/blast-table.ts';
import { titleOf, whyNoPlan } from '../src/graph/explain/explain.ts';
import { type DocumentText, readDocuments } from '../src/graph/explain/read-documents.ts';
import { readGraph } from './graph.ts';

const USAGE = `Usage: npm run -s blast-radius -- <file>… [--strict]

  --strict  exits 1 if a single backend takes a whole page

A file may have several operations. Fragments of files without operations are available to all others.
Fields that a variable may skip or include count as requested.`;

/** An operation with its result; without blasts if it has no plan. */
interface Result {
  readonly title: string;
  readonly blasts: readonly Blast[];
  readonly text: string;
}

const fail = (text: string): never => {
  console.error(text);
  process.exit(2);
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const args = (() => {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { strict: { type: 'boolean', default: false } },
    });
    if (positionals.length === 0) throw new Error('No file given.');
    return { files: positionals, isStrict: values.strict };
  } catch (error) {
    return fail(`${messageOf(error)}\n\n${USAGE}`);
  }
})();

const textsOf = (files: readonly string[]): { texts: readonly DocumentText[]; problems: readonly string[] } => {
  const texts: DocumentText[] = [];
  const problems: string[] = [];
  for (const name of files) {
    try {
      texts.push({ name, text: readFileSync(name, 'utf8') });
    } catch (error) {
      problems.push(`${name}  cannot be read: ${messageOf(error)}`);
    }
  }
  return { texts, problems };
};

const resultOf = (plans: PlanCache, document: DocumentNode, operation: OperationDefinitionNode): Result => {
  const file = operation.loc?.source.name;
  const title = `${titleOf(operation)} (${file})`;
  const assumed = assumeAsked(document, operation, {});
  const plan = plans.planOf(assumed.document, assumed.operation, {});
  if (plan instanceof CannotPlan) return { title, blasts: [], text: `Unknown. ${whyNoPlan(plan)}` };
  const blasts = blastRadius(plan);
  return { title, blasts, text: blasts.length === 0 ? 'Uses no backend.' : blastTable(blasts) };
};

const resultsOfAll = async (): Promise<readonly Result[]> => {
  const { graph, limits } = await readGraph();
  const { texts, problems: unread } = textsOf(args.files);
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

try {
  const results = await resultsOfAll();
  if (results.length === 0) console.error('No operation in these files, only fragments.');
  else process.stdout.write(results.map(({ title, text }) => `${title}\n\n${text}\n`).join('\n'));
  const whole = results.flatMap(({ title, blasts }) =>
    blasts.filter(({ takes }) => takes === 'whole page').map(({ backend }) => `${title}: ${backend}`),
  );
  if (args.isStrict && whole.length > 0) {
    console.error(['A single backend takes the whole page of', ...whole.map((line) => `  ${line}`)].join('\n'));
    process.exitCode = 1;
  }
} catch (error) {
  fail(messageOf(error));
}
