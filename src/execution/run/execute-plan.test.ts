import { expect, test } from 'vitest';
import { compiled, errorLines, executed, graphOf } from '../../../test/support/execution/compiled-plan.ts';
import { bindingsOf, graphModule } from '../../../test/support/execution/hand-made-plan.ts';
import { executePlan } from './execute-plan.ts';

const SDL = `
  type Query { slow: Int  fast: Int }
  type Mutation { slow: Int  fast: Int  must: Int! }
`;

/** The resolvers that started and ended, in order. */
const order: string[] = [];

const slow = async () => {
  order.push('slow starts');
  await Promise.resolve();
  order.push('slow ends');
  return 1;
};

const fast = () => {
  order.push('fast');
  return 2;
};

const must = () => {
  throw new Error('down');
};

const all = graphModule('all', SDL, { resolvers: { Query: { slow, fast }, Mutation: { slow, fast, must } } });
const graph = graphOf(SDL, [all]);

test('root fields of a query start together', async () => {
  order.length = 0;
  expect((await executed(graph, '{ slow fast }')).data).toEqual({ slow: 1, fast: 2 });
  expect(order).toEqual(['slow starts', 'fast', 'slow ends']);
});

test('a root field of a mutation starts after the one before has ended, with new key loaders', async () => {
  order.length = 0;
  const plan = compiled(graph, 'mutation { slow fast }');
  const bindings = bindingsOf([all], { renew: () => order.push('renew') });
  const { data } = await executePlan(plan, bindings, { sent: {}, coerced: {} });
  expect(data).toEqual({ slow: 1, fast: 2 });
  expect(order).toEqual(['renew', 'slow starts', 'slow ends', 'renew', 'fast']);
});

test('a mutation ends at the first root field that makes the response null', async () => {
  order.length = 0;
  const result = await executed(graph, 'mutation { must fast }');
  expect([result.data, errorLines(result), order]).toEqual([null, ['must: down'], []]);
});

test('the execution budget is taken for each field twice: in the graph and in its module', async () => {
  const taken: number[] = [];
  const take = (count: number) => {
    taken.push(count);
    return null;
  };
  await executePlan(compiled(graph, '{ slow fast }'), bindingsOf([all], { budget: { take, look: () => null } }), {
    sent: {},
    coerced: {},
  });
  expect(taken).toEqual([4]);
});
