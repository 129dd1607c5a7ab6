import { readLimitFile, ruleSetOf, unknownFieldsIn } from '../../app/request-limits.ts';
import { readConfig } from '../../config/settings.ts';
import { ConfigurationError } from '../../core/errors.ts';
import { readDocuments } from '../../graph/explain/read-documents.ts';
import { table } from '../../graph/explain/text-table.ts';
import { limitedOperations } from '../../graph/limits/request-limits.ts';
import type { RequestFacts } from '../../rate-limit/rules/facts.ts';
import { rateText } from '../../rate-limit/rules/rate-text.ts';
import type { LimitRule } from '../../rate-limit/rules/rule.ts';
import type { RuleDemand, RuleSet } from '../../rate-limit/rules/rule-set.ts';
import { UsageError } from '../command/exit-code.ts';
import { chosenOperation } from '../explain/chosen-operation.ts';
import { readGraph } from '../explain/read-graph.ts';
import { type CallerOptions, explainedAddress, explainedPrincipal } from './explained-caller.ts';

/** An operation and its caller. */
export interface ExplainLimitsOptions extends CallerOptions {
  /** The document. */
  readonly query: string;
  /** Required if the document has several operations. */
  readonly operation: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  /** In place of LIMITS. */
  readonly file: string | undefined;
  readonly json: boolean;
}

const amountOf = ({ charges }: RuleDemand, applied: LimitRule): string => {
  const { count } = applied;
  const own = charges.filter(({ rule }) => rule === applied);
  const counters = new Set(own.map(({ key }) => key)).size;
  const [most = 0] = own.map(({ amount }) => (count === 'refusals' ? 1 : amount)).sort((a, b) => b - a);
  const units = count === 'refusals' ? 'if refused' : count;
  return counters > 1 ? `${most} ${units} of ${counters} counters` : `${most} ${units}`;
};

const limitOf = ({ rates, concurrent }: LimitRule): string =>
  [...rates.map(({ rate }) => rateText(rate)), ...(concurrent === null ? [] : [`${concurrent} at one time`])].join(
    ', ',
  );

const keyOf = ({ key }: LimitRule): string =>
  key.length === 0
    ? 'one for all'
    : key
        .map((part) => {
          if (part.by === 'address') return `address/${part.v4}/${part.v6}`;
          if (part.by === 'claim') return `claim:${part.name}`;
          return part.by === 'argument' ? `argument:${part.path}` : part.by;
        })
        .join(' + ');

const COLUMNS = [
  { title: 'RULE', most: 20 },
  { title: 'COUNTS', most: 16 },
  { title: 'LIMIT', most: 30 },
  { title: 'COUNTER BY', most: 24 },
  { title: 'MODE', most: 8 },
  { title: 'STORE LOST', most: 10 },
];

const explained = (rules: RuleSet, facts: RequestFacts, isJson: boolean): string => {
  const demand = rules.demandOf(facts, { ms: 0, next: () => 'explain' });
  const applied = rules.rulesFor(facts);
  const names = new Set(applied.map(({ name }) => name));
  const others = rules.file.rules.map(({ name }) => name).filter((name) => !names.has(name));
  const rows = applied.map((rule) => ({
    rule: rule.name,
    counts: amountOf(demand, rule),
    limit: limitOf(rule),
    counter: keyOf(rule),
    mode: rule.mode,
    onStoreFailure: rule.onStoreFailure,
  }));
  const priority = rules.priorities.of(facts);
  if (isJson) return JSON.stringify({ priority, applied: rows, others }, null, 2);
  const shown =
    rows.length === 0
      ? 'No rule applies.'
      : table(
          COLUMNS,
          rows.map((row) => Object.values(row)),
        );
  const notApplied = others.length === 0 ? [] : [`Not applied: ${others.join(', ')}`];
  return [shown, ...notApplied, `Priority under load: ${priority}`].join('\n\n');
};

/**
 * Returns the rules that apply to an operation of a caller, with what each counts.
 *
 * @throws ConfigurationError for invalid modules, settings and limits, and for a document that the gateway would reject
 * @throws UsageError for options that are invalid
 */
export const explainLimits = async (options: ExplainLimitsOptions, env: NodeJS.ProcessEnv): Promise<string> => {
  const { graph, limits, costs } = await readGraph(env);
  const { settings } = readConfig(env, []);
  const file = await readLimitFile(options.file ?? settings.LIMITS);
  const faults = [...file.problems, ...unknownFieldsIn(file.limits, graph.schema)];
  if (faults.length > 0) throw new ConfigurationError('The limits have problems:', faults);
  const { documents, problems } = readDocuments([{ name: 'query', text: options.query }], graph.schema, limits);
  if (problems.length > 0) throw new ConfigurationError('The gateway would reject this document:', problems);
  const [document] = documents;
  if (document === undefined) throw new UsageError('The document has no operation, only fragments.');
  const operation = { document, operation: chosenOperation(document, options.operation), variables: options.variables };
  const facts: RequestFacts = {
    principal: explainedPrincipal(options),
    address: explainedAddress(options),
    client: options.client ?? null,
    route: '/graphql',
    operation: limitedOperations(graph.schema, (one) => costs.of(one).total)(operation),
  };
  return explained(ruleSetOf(file.limits, settings), facts, options.json);
};
