import { setImmediate as nextTurn } from 'node:timers/promises';
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { ANONYMOUS } from '../../../src/request/request-context.ts';
import { executedBy } from '../../support/gateway/executed.ts';
import { plain } from '../../support/modules/small-modules.ts';
import { Reference } from './reference.ts';

test('the inputs of a computed field without a key are read before the next root field of a mutation', async () => {
  const seen: string[] = [];
  const orders = plain(
    'orders',
    'type Query { ok: Int } type Mutation { pay: Order } type Order { id: ID code: ID lines: Int }',
    {
      merge: { Order: { key: 'id' } },
      resolvers: {
        Mutation: {
          pay: () => {
            seen.push('pay');
            return { id: '1', code: null };
          },
        },
        Order: {
          lines: async () => {
            await nextTurn();
            seen.push('lines');
            return 2;
          },
        },
      },
    },
  );
  const fees = plain('fees', 'type Order { code: ID fee: Int }', {
    merge: { Order: { key: 'code', needs: { fee: ['lines'] } } },
    resolvers: { Order: { fee: () => 1 } },
  });
  const reference = new Reference([orders, fees], { services: new Set(), inherited: new Set() });
  const document = 'mutation { pay { fee } again: pay { id } }';
  const data = { pay: { fee: null }, again: { id: '1' } };
  const inOrder = ['pay', 'lines', 'pay'];

  const asked = { document: parse(document), variables: {}, principal: ANONYMOUS, admit: () => true };
  const { result } = await reference.run(asked);
  expect(JSON.parse(JSON.stringify(result))).toEqual({ data });
  expect(seen.splice(0)).toEqual(inOrder);

  expect(await executedBy('compiled', [orders, fees])(document)).toEqual({ data, errors: undefined });
  expect(seen).toEqual(inOrder);
});
