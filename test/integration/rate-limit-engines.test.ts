import { expect, test } from 'vitest';
import { memoryLimiters } from '../../src/rate-limit/memory.ts';
import { manualClock } from '../support/clock/manual-clock.ts';
import { EXECUTIONS, type Execution } from '../support/gateway/executed.ts';
import { serveLimited } from '../support/gateway/limited.ts';

interface Row {
  readonly what: string;
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Default: user c1. */
  readonly isAnonymous?: boolean;
  /** Counted executions by field. */
  readonly counted: Readonly<Record<string, number>>;
  /** Paths and codes of the errors. */
  readonly errors: readonly string[];
  readonly header: string | null;
}

const ROWS: readonly Row[] = [
  {
    what: 'a root field and its aliases',
    query: '{ quote a: quote free }',
    counted: { 'Query.quote': 2 },
    errors: [],
    header: '"Query.quote";r=3;t=60',
  },
  {
    what: 'a field with different arguments, as one field',
    query: 'query ($text: String!) { a: echo(text: "a") b: echo(text: $text) c: echo }',
    variables: { text: 'b' },
    counted: { 'Query.echo': 3 },
    errors: ['c RATE_LIMITED'],
    header: '"Query.echo";r=0;t=60',
  },
  {
    what: 'a field with invalid arguments, not at all',
    query: 'query ($text: String = "a") { echo(text: $text) a: echo }',
    variables: { text: null },
    counted: { 'Query.echo': 1 },
    errors: ['echo BAD_USER_INPUT'],
    header: '"Query.echo";r=1;t=60',
  },
  {
    what: 'rows of a list',
    query: '{ items(first: 7) { id price } }',
    counted: { 'Item.price': 7 },
    errors: ['items.5.price RATE_LIMITED', 'items.6.price RATE_LIMITED'],
    header: '"Item.price";r=0;t=60',
  },
  {
    what: 'a joined field of an entity',
    query: '{ items(first: 6) { rating } }',
    counted: { 'Item.rating': 6 },
    errors: ['items.5.rating RATE_LIMITED'],
    header: '"Item.rating";r=0;t=60',
  },
  {
    what: 'a field that is computed from another module’s',
    query: '{ items(first: 6) { shipping } }',
    counted: { 'Item.shipping': 6 },
    errors: ['items.5.shipping RATE_LIMITED'],
    header: '"Item.shipping";r=0;t=60',
  },
  {
    what: 'mutations, one after the other',
    query: `mutation { ${[1, 2, 3, 4, 5, 6].map((n) => `m${n}: send`).join(' ')} }`,
    counted: { 'Mutation.send': 6 },
    errors: ['m6 RATE_LIMITED'],
    header: '"Mutation.send";r=0;t=60',
  },
  {
    what: 'two limits of one operation separately',
    query: '{ wide quote items(first: 2) { price rating } }',
    counted: { 'Query.wide': 1, 'Query.quote': 1, 'Item.price': 2, 'Item.rating': 2 },
    errors: [],
    header: '"Item.price";r=3;t=60',
  },
  {
    what: 'an allowed guarded field',
    query: '{ a: secret b: secret c: secret }',
    counted: { 'Query.secret': 3 },
    errors: ['c RATE_LIMITED'],
    header: '"Query.secret";r=0;t=60',
  },
  {
    what: 'a field that its guard refuses, not at all',
    query: '{ secret quote }',
    isAnonymous: true,
    counted: { 'Query.quote': 1 },
    errors: ['secret UNAUTHENTICATED'],
    header: '"Query.quote";r=4;t=60',
  },
];

interface ReportedError {
  readonly path: readonly (string | number)[];
  readonly extensions: { readonly code: string; readonly requestId: string };
}

/** Runs a query on a new gateway with counters in memory and a stopped clock. */
const run = async (execution: Execution, { query, variables = {}, isAnonymous = false }: Row) => {
  const keys: string[] = [];
  const open = memoryLimiters({ clock: manualClock() });
  const gateway = await serveLimited({
    execution,
    openLimiter: (quota) => {
      const limiter = open(quota);
      return {
        consume: (key) => {
          keys.push(key);
          return limiter.consume(key);
        },
      };
    },
  });
  const headers: Record<string, string> = isAnonymous ? {} : { authorization: 'Bearer c1' };
  const answer = await gateway.runQuery(query, { variables, headers });
  const errors: readonly ReportedError[] = answer.body.errors ?? [];
  const withoutId = errors.map(({ extensions: { requestId: _, ...extensions }, ...error }) => ({
    ...error,
    extensions,
  }));
  return {
    status: answer.status,
    data: answer.body.data,
    errors: withoutId.toSorted((a, b) => a.path.join('.').localeCompare(b.path.join('.'))),
    header: answer.headers.get('ratelimit'),
    policy: answer.headers.get('ratelimit-policy'),
    keys: keys.toSorted(),
    calls: gateway.calls.toSorted(),
  };
};

test.each(ROWS)('both engines count $what', async (row) => {
  const [reference, compiled] = await Promise.all(EXECUTIONS.map((execution) => run(execution, row)));
  expect(compiled).toEqual(reference);
  if (compiled === undefined) throw new Error('No answer.');
  const counted = Map.groupBy(compiled.keys, (key) => key.split(':')[0]);
  expect(Object.fromEntries([...counted].map(([field, keys]) => [field, keys.length]))).toEqual(row.counted);
  expect(compiled.errors.map(({ path, extensions }) => `${path.join('.')} ${extensions.code}`)).toEqual(row.errors);
  expect(compiled.header).toBe(row.header);
});
