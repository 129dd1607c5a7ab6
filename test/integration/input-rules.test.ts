import fc from 'fast-check';
import { printSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { composeGraph } from '../../src/graph/build-gateway.ts';
import { EXECUTIONS, executedBy } from '../support/gateway/executed.ts';
import { servedGateway } from '../support/gateway/served-gateway.ts';
import { testModule } from '../support/modules/test-module.ts';

const SDL = `
  type Query {
    "Finds."
    find(
      "A name."
      name: String @constraint(minLength: 2, maxLength: 5)
      ids: [ID] @constraint(maxItems: 2, pattern: "^[a-z]+$")
      filter: Filter
    ): Int
    free(name: String): Int
    named: Named
  }
  interface Named { text(size: Int @constraint(max: 3)): String }
  type Shop implements Named { text(size: Int @constraint(max: 3)): String }
  type Mutation { place(input: Order!): Int }
  input Filter { words: [[String!]] @constraint(maxLength: 3, maxItems: 1) or: [Filter!] and: Filter }
  input Order { items: [Item!]! @constraint(minItems: 1) note: String @constraint(notContains: "<") }
  input Item { quantity: Int! = 1 @constraint(min: 1, max: 100) price: Float @constraint(exclusiveMin: 0) }`;

const counting = () => {
  let resolved = 0;
  const run = () => {
    resolved += 1;
    return 1;
  };
  const module = testModule('shop', SDL, {
    resolvers: {
      Query: { find: run, free: run, named: () => ({ __typename: 'Shop', text: 'x' }) },
      Mutation: { place: run },
    },
  });
  return { module, count: () => resolved };
};

interface Errors {
  readonly errors?: unknown;
}

/** `field rule` of every violation, by error. */
const violationsOf = ({ errors = [] }: Errors): unknown => {
  if (!Array.isArray(errors)) return errors;
  return errors.map(({ extensions: { code, details } }) => [
    code,
    ...details.violations.map(({ field, rule }: { field: string; rule: string }) => `${field} ${rule}`),
  ]);
};

describe.each(EXECUTIONS)('%s', (execution) => {
  test('all violations of an operation are reported at once, before anything is resolved', async () => {
    const { module, count } = counting();
    const ask = executedBy(execution, [module]);
    const answer = await ask(
      `mutation ($items: [Item!]!, $note: String = "<b>") { place(input: { items: $items, note: $note }) }`,
      { items: [{}, { quantity: 0 }, { quantity: 7, price: 0 }, { quantity: 101, price: null }] },
    );
    expect(answer.data).toBeUndefined();
    expect(violationsOf(answer)).toEqual([
      [
        'BAD_USER_INPUT',
        'input.items[1].quantity min',
        'input.items[2].price exclusiveMin',
        'input.items[3].quantity max',
        'input.note notContains',
      ],
    ]);
    expect(count()).toBe(0);
  });

  test('a rule holds at every depth, in fragments and for aliases', async () => {
    const { module, count } = counting();
    const answer = await executedBy(execution, [module])(
      `query ($f: Filter) { free ...F x: find(filter: $f) @skip(if: true) }
       fragment F on Query { find(name: "a", ids: ["ok", "NO"]) ... { y: find(ids: ["a", "b", "c"]) } }`,
      { f: { or: [{ words: [['abc', 'abcd']] }, { and: { or: [{ words: [null, ['abcde']] }] } }] } },
    );
    expect(violationsOf(answer)).toEqual([
      ['BAD_USER_INPUT', 'filter.or[0].words[0][1] maxLength', 'filter.or[1].and.or[0].words maxItems'],
      ['BAD_USER_INPUT', 'name minLength', 'ids[1] pattern'],
      ['BAD_USER_INPUT', 'ids maxItems'],
    ]);
    expect(count()).toBe(0);
  });

  test('values within the rules, null and absent values are executed', async () => {
    const { module } = counting();
    const ask = executedBy(execution, [module]);
    expect(
      await ask(
        `query ($name: String, $none: [ID]) {
           find(name: $name, ids: $none) a: find(name: null, ids: [null]) b: find(name: "abcde", filter: {}) }`,
        { name: null },
      ),
    ).toEqual({ data: { find: 1, a: 1, b: 1 } });
  });

  test('an argument of a field of an interface is checked', async () => {
    const { module } = counting();
    const ask = executedBy(execution, [module]);
    expect(violationsOf(await ask('{ named { text(size: 4) } }'))).toEqual([['BAD_USER_INPUT', 'size max']]);
    expect(await ask('{ named { ... on Shop { text(size: 3) } } }')).toEqual({ data: { named: { text: 'x' } } });
  });

  test('a message names the rule and never the value', async () => {
    const { module } = counting();
    const ask = executedBy(execution, [module], { introspection: false });
    const answer = await ask('query ($secret: [ID]) { find(ids: $secret, name: "s3cr3t") }', { secret: ['S3CR3T'] });
    expect(JSON.stringify(answer)).not.toMatch(/s3cr3t/i);
    expect(answer.errors).toMatchObject([
      {
        message: 'Invalid input: name must have at most 5 characters. (1 more in details.violations)',
        locations: [{ line: 1, column: 25 }],
        extensions: {
          details: {
            violations: [
              { field: 'name', rule: 'maxLength', message: 'name must have at most 5 characters.' },
              {
                field: 'ids[0]',
                rule: 'pattern',
                message: 'ids[0] must match the pattern ^[a-z]+$ and have at most 1000 characters.',
              },
            ],
          },
        },
      },
    ]);
  });

  test('at most 50 violations are reported', async () => {
    const { module } = counting();
    const items = Array.from({ length: 1_000 }, () => ({ quantity: 0 }));
    const answer = await executedBy(execution, [module])('mutation ($o: Order!) { place(input: $o) }', {
      o: { items },
    });
    const [[, ...violations]] = violationsOf(answer) as [[string, ...string[]]];
    expect(violations).toHaveLength(50);
  });
});

test('literals and variables have the same violations in both engines', async () => {
  const { module } = counting();
  const asks = EXECUTIONS.map((execution) => executedBy(execution, [module]));
  const text = fc.oneof(fc.constantFrom(null, '', 'a', 'abc', 'abcd', 'abcdef', 'A', '<', '😀😀😀'), fc.string());
  const filter = fc.letrec((tie) => ({
    filter: fc.record(
      {
        words: fc.option(
          fc.array(
            fc.option(
              fc.array(
                text.map((one) => one ?? ''),
                { maxLength: 2 },
              ),
            ),
            { maxLength: 2 },
          ),
        ),
        or: fc.option(fc.array(tie('filter'), { maxLength: 2 })),
        and: fc.option(tie('filter')),
      },
      { requiredKeys: [] },
    ),
  })).filter;
  const args = fc.record(
    { name: text, ids: fc.option(fc.array(text, { maxLength: 3 })), filter: fc.option(filter) },
    { requiredKeys: [] },
  );
  const literal = (value: unknown): string => {
    if (Array.isArray(value)) return `[${value.map(literal).join(',')}]`;
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    return `{${Object.entries(value)
      .map(([key, inner]) => `${key}:${literal(inner)}`)
      .join(',')}}`;
  };
  await fc.assert(
    fc.asyncProperty(args, async (given) => {
      const written = literal(given).slice(1, -1);
      const inline = written === '' ? '{ find }' : `{ find(${written}) }`;
      const byVariables =
        'query ($name: String, $ids: [ID], $filter: Filter) { find(name: $name, ids: $ids, filter: $filter) }';
      const answers = await Promise.all(asks.flatMap((ask) => [ask(inline), ask(byVariables, given)]));
      const [first, ...others] = answers.map((answer) => JSON.stringify([answer.data, violationsOf(answer)]));
      for (const other of others) expect(other).toBe(first);
    }),
    { numRuns: 200 },
  );
});

test('a violation is the same answer with 400 whether the operation is known or not', async () => {
  const { module, count } = counting();
  const gateway = await servedGateway({ modules: [module] });
  const query = 'mutation ($o: Order!) { place(input: $o) }';
  const send = (quantity: number) => gateway.runQuery(query, { variables: { o: { items: [{ quantity }] } } });
  const first = await send(0);
  expect((await send(1)).body).toEqual({ data: { place: 1 } });
  const known = await send(0);
  for (const { status, body } of [first, known]) {
    expect(status).toBe(400);
    expect(violationsOf(body)).toEqual([['BAD_USER_INPUT', 'input.items[0].quantity min']]);
    expect(body.errors[0].extensions.requestId).toMatch(/./);
  }
  expect(count()).toBe(1);
});

test('the rules are in the descriptions of the public schema, and the directive is not in it', () => {
  const printed = printSchema(composeGraph([counting().module]).printable);
  expect(printed).toMatch(/A name\.\s+Must have at least 2 characters, and have at most 5 characters\./);
  expect(printed).toContain('Must have at most 2 items. Each item must match the pattern ^[a-z]+$');
  expect(printed).toContain('"""Must be at least 1, and be at most 100."""\n  quantity: Int! = 1');
  expect(printed).not.toContain('@constraint');
});
