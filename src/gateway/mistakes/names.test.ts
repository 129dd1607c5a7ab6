import { expect, test } from 'vitest';
import { rest } from '../../backend/upstreams.ts';
import { rivalModules, rivalVariables, wrongModuleName } from './names.ts';
import { lines, reading } from './test-module.ts';

const calling = (name: string, ...upstreams: string[]) =>
  reading(name, '', { upstreams: Object.fromEntries(upstreams.map((upstream) => [upstream, rest()])) });

test.each(['Order', 'order_desk', '2nd', ''])('a module cannot be called "%s"', (name) => {
  const remedy = 'use small letters, digits and hyphens, as in order-desk';
  const [line = ''] = lines(wrongModuleName(reading(name, '')));
  expect(line).toContain(`index.ts: a module cannot be called "${name}": ${remedy}`);
});

test('a module has its name for itself', () => {
  expect(lines(rivalModules([reading('a', ''), reading('b', ''), reading('a', '')]))).toEqual([
    'a/index.ts: a (schema/a/index.ts) has the same name: rename one of the two modules',
  ]);
});

test('an upstream has its variable for itself', () => {
  expect(
    lines(rivalVariables([calling('order-desk', 'priceList'), calling('order', 'deskPriceList', 'rest')])),
  ).toEqual([
    'order/index.ts: upstream deskPriceList would read ORDER_DESK_PRICE_LIST_ENDPOINTS, and so would priceList of ' +
      'order-desk (schema/order-desk/index.ts): rename one of them',
  ]);
  expect(rivalVariables([calling('orders', 'stock'), calling('inventory', 'stock')])).toEqual([]);
});
