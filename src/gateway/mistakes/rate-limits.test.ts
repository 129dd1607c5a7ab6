import { expect, test } from 'vitest';
import { unlikeRateLimits, wrongRateLimits } from './rate-limits.ts';
import { lines, reading } from './test-module.ts';

test('a limit on a field of an interface would limit nothing', () => {
  const sdl = 'interface Named { name: String @rateLimit(limit: 1, duration: 1) }';
  expect(lines(wrongRateLimits(reading('shop', sdl)))).toEqual([
    'shop/schema.graphql:1:19: @rateLimit on Named.name limits nothing: write it at the field of each type that implements the interface',
  ]);
});

test.each(['limit: 0, duration: 1', 'limit: -1, duration: 1', 'limit: 1, duration: 0', 'limit: 1, duration: 86401'])(
  'a limit of %s is a mistake',
  (args) => {
    expect(wrongRateLimits(reading('shop', `type Query { a: Int @rateLimit(${args}) }`))).toHaveLength(1);
  },
);

test('limits of one and more, for a second and longer, are none', () => {
  const sdl =
    'type Query { a: Int @rateLimit(limit: 1, duration: 86400) b: Int @rateLimit(limit: 100000, duration: 1) }';
  expect(wrongRateLimits(reading('shop', sdl))).toEqual([]);
});

test('a field that two modules have is limited alike in both', () => {
  const limited = reading('shop', 'type Product { id: ID! @rateLimit(limit: 5, duration: 60) }');
  const open = reading('stock', 'type Product { id: ID! }');
  expect(lines(unlikeRateLimits([limited, open]))).toEqual([
    'shop/schema.graphql:1:16: Product.id is limited otherwise in stock (schema/stock/schema.graphql:1:16): give it the same @rateLimit in both, or in none',
  ]);
  const alike = reading('stock', 'type Product { id: ID! @rateLimit(limit: 5, duration: 60) }');
  expect(unlikeRateLimits([limited, alike])).toEqual([]);
});
