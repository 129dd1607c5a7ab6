import { buildSchema, Kind } from 'graphql';
import { expect, test } from 'vitest';
import { operationOf } from '../../../../test/support/execution/cost-of.ts';
import { countedList } from '../../../../test/support/execution/counted-list.ts';
import { argumentCost, type ListCosts } from './argument-cost.ts';
import { FieldCosts } from './field-costs.ts';

test('a list of input objects in a variable is read once, however many fields use it', () => {
  const schema = buildSchema('type Query { find(filter: Filter): Int } input Filter { n: Int  any: [Filter!] }');
  const fields = new FieldCosts({ weights: new Map(), listSizes: new Map() });
  const query = schema.getQueryType();
  const facts = query ? fields.of(query, 'find') : null;
  const { operation } = operationOf(
    schema,
    'query ($any: [Filter!]) { a: find(filter: { any: $any }) b: find(filter: { n: 1, any: $any }) }',
  );
  const { list, reads } = countedList([{}, { any: [{}] }]);
  const lists: ListCosts = new Map();
  const costs = operation.selectionSet.selections.map((node) =>
    facts === null || node.kind !== Kind.FIELD
      ? null
      : argumentCost(facts, node, fields.weights).withVariables?.({ any: list }, lists).cost,
  );
  // The filter, its list, and the list inside.
  expect(costs).toEqual([3, 3]);
  expect(reads()).toBe(1);
});
