import { expect, test } from 'vitest';
import { lines, reading } from '../../../test/support/modules/test-module.ts';
import { unknownPolicies } from './directives.ts';

const SDL = 'type Query { a: Int @policy(policies: [["known", "role:admin"], ["unknown"]]) }';

test('an unknown policy is reported where the SDL names it', () => {
  expect(lines(unknownPolicies(reading('shop', SDL, { policies: { known: () => true } })))).toEqual([
    'shop/schema.graphql:1:21: unknown policy "unknown": add it to policies, or correct the name',
  ]);
});

test('roles need no policy', () => {
  expect(unknownPolicies(reading('shop', 'type Query { a: Int @policy(policies: [["role:admin"]]) }'))).toEqual([]);
});
