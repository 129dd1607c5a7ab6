import { expect, test } from 'vitest';
import { lines, reading } from '../../../test/support/modules/test-module.ts';
import { rest } from '../../backend/define/upstream-options.ts';
import { duplicateModules, duplicateVariables, wrongModuleName } from './module-names.ts';

const calling = (name: string, ...upstreams: string[]) =>
  reading(name, '', { upstreams: Object.fromEntries(upstreams.map((upstream) => [upstream, rest()])) });

test.each(['Order', 'order_desk', '2nd', ''])('the module name "%s" is rejected', (name) => {
  const fix = 'use lower-case letters, digits and hyphens, as in order-desk';
  const [line = ''] = lines(wrongModuleName(reading(name, '')));
  expect(line).toContain(`index.ts: invalid module name "${name}": ${fix}`);
});

test('two modules with one name are rejected', () => {
  expect(lines(duplicateModules([reading('a', ''), reading('b', ''), reading('a', '')]))).toEqual([
    'a/index.ts: a (schema/a/index.ts) has the same name: rename one of the two modules',
  ]);
});

test('two upstreams with one variable are rejected', () => {
  expect(
    lines(duplicateVariables([calling('order-desk', 'priceList'), calling('order', 'deskPriceList', 'rest')])),
  ).toEqual([
    'order/index.ts: upstream deskPriceList would read ORDER_DESK_PRICE_LIST_ENDPOINTS, and so would priceList of ' +
      'order-desk (schema/order-desk/index.ts): rename one of them',
  ]);
  expect(duplicateVariables([calling('orders', 'stock'), calling('inventory', 'stock')])).toEqual([]);
});
