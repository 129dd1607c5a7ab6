import { expect, test } from 'vitest';
import { unknownPolicies } from './policies.ts';
import { lines, reading } from './test-module.ts';

const SDL = 'type Query { a: Int @policy(policies: [["known", "role:admin"], ["unknown"]]) }';

test('a policy that the module does not have is told of where it is named', () => {
  expect(lines(unknownPolicies(reading('shop', SDL, { policies: { known: () => true } })))).toEqual([
    'shop/schema.graphql:1:21: there is no policy "unknown": add it to policies, or correct the name',
  ]);
});

test('roles need no policy', () => {
  expect(unknownPolicies(reading('shop', 'type Query { a: Int @policy(policies: [["role:admin"]]) }'))).toEqual([]);
});
