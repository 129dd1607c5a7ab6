import { buildSchema, parse } from 'graphql';
import { expect, test } from 'vitest';
import { operationOf } from '../../../../test/support/execution/cost-of.ts';
import { countedList } from '../../../../test/support/execution/counted-list.ts';
import { DIRECTIVE_DEFINITIONS } from '../definitions.ts';
import { inputRulesOf } from './declared-rules.ts';
import { Findings } from './findings.ts';
import { invalidInputsBy } from './operation-inputs.ts';

const SDL = `
  type Query { find(ids: [ID!] @constraint(maxItems: 3, pattern: "^[a-z]+$"), filter: Filter): Int }
  input Filter { ids: [ID!] @constraint(pattern: "^[a-z]+$") }`;

const schema = buildSchema(`${DIRECTIVE_DEFINITIONS} ${SDL}`);
const invalid = invalidInputsBy(schema, inputRulesOf([{ module: 'm', document: parse(SDL) }]));

const twenty = (field: string) =>
  operationOf(schema, `query ($ids: [ID!]) { ${Array.from({ length: 20 }, (_, at) => `a${at}: ${field}`).join(' ')} }`);

test.each(['find(ids: $ids)', 'find(filter: { ids: $ids })'])(
  'a list in a variable is checked once, however many fields use it: %s',
  (field) => {
    const valid = countedList(['a', 'b']);
    expect(invalid(twenty(field), { ids: valid.list })).toEqual([]);
    expect(valid.reads()).toBe(1);
    const wrong = countedList(['a', 'B']);
    const errors = invalid(twenty(field), { ids: wrong.list });
    expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining('ids[1] must match the pattern')]);
    expect(wrong.reads()).toBe(1);
  },
);

test('the items of a list with too many are not checked', () => {
  const { list, reads } = countedList(['A', 'B', 'C', 'D']);
  const errors = invalid(twenty('find(ids: $ids)'), { ids: list });
  expect(errors.map(({ message }) => message)).toEqual(['Invalid input: ids must have at most 3 items.']);
  expect(reads()).toBe(0);
});

test('a rule is asked once for a text', () => {
  const asked: string[] = [];
  const holds = (text: string): boolean => {
    asked.push(text);
    return text === 'a';
  };
  const rule = { must: 'be a', holds };
  const findings = new Findings();
  expect(['a', 'b', 'a', 'b'].map((text) => findings.meets(rule, text))).toEqual([true, false, true, false]);
  expect(asked).toEqual(['a', 'b']);
});
