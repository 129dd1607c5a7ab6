import { expect, test } from 'vitest';
import { lines, reading } from '../../../../test/support/modules/test-module.ts';
import { circularNeeds } from './circular-needs.ts';

const computes = (name: string, field: string, ...needed: string[]) =>
  reading(name, `type Product { id: ID! ${field}: Int }`, {
    merge: { Product: { key: 'id', needs: { [field]: needed } } },
  });

test('a cycle of needs is reported once, with its path', () => {
  expect(
    lines(circularNeeds([computes('a', 'x', 'y'), computes('b', 'y', 'w', 'z'), computes('c', 'z', 'x')])),
  ).toEqual([
    'a/index.ts: Product.x needs Product.y needs Product.z needs Product.x, which is a cycle: remove one of these needs',
  ]);
});

test('a field may be computed from a computed one', () => {
  expect(circularNeeds([computes('a', 'x', 'y'), computes('b', 'y', 'z'), computes('c', 'w', 'y', 'x')])).toEqual([]);
});
