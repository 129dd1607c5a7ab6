import { expect, test } from 'vitest';
import { lines, reading } from '../../../test/support/modules/test-module.ts';
import { conflictingRateLimits, wrongRateLimitDirectives } from './directives.ts';

test('a limit on a field of an interface is rejected: it would limit nothing', () => {
  const sdl = 'interface Named { name: String @rateLimit(limit: 1, duration: 1) }';
  expect(lines(wrongRateLimitDirectives(reading('shop', sdl)))).toEqual([
    'shop/schema.graphql:1:19: @rateLimit on Named.name limits nothing: set it on the field of each type that implements the interface',
  ]);
});

test.each(['limit: 0, duration: 1', 'limit: -1, duration: 1', 'limit: 1, duration: 0', 'limit: 1, duration: 86401'])(
  'a limit of %s is rejected',
  (args) => {
    expect(wrongRateLimitDirectives(reading('shop', `type Query { a: Int @rateLimit(${args}) }`))).toHaveLength(1);
  },
);

test('a limit from 1, for 1 to 86,400 seconds, is valid', () => {
  const sdl =
    'type Query { a: Int @rateLimit(limit: 1, duration: 86400) b: Int @rateLimit(limit: 100000, duration: 1) }';
  expect(wrongRateLimitDirectives(reading('shop', sdl))).toEqual([]);
});

test('a field of two modules with different limits is rejected', () => {
  const limited = reading('shop', 'type Product { id: ID! @rateLimit(limit: 5, duration: 60) }');
  const open = reading('stock', 'type Product { id: ID! }');
  expect(lines(conflictingRateLimits([limited, open]))).toEqual([
    'shop/schema.graphql:1:16: Product.id does not have the same @rateLimit in stock (schema/stock/schema.graphql:1:16): set the same in both, or none',
  ]);
  const alike = reading('stock', 'type Product { id: ID! @rateLimit(limit: 5, duration: 60) }');
  expect(conflictingRateLimits([limited, alike])).toEqual([]);
});
