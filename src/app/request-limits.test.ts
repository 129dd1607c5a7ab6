import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import { readLimits } from '../rate-limit/rules/read-limits.ts';
import { NO_LIMITS } from '../rate-limit/rules/rule.ts';
import { unknownFieldsIn } from './request-limits.ts';

const schema = buildSchema(`
  type Query { order(id: ID!): Int  items: [Item] }
  type Item { n: Int }
  type Mutation { login(input: Login!): Int }
  input Login { email: String }`);

const problemsOf = (file: object) => unknownFieldsIn(readLimits(JSON.stringify(file)).limits ?? NO_LIMITS, schema);

test('fields and arguments of limits that the schema does not have are problems', () => {
  const rule = { name: 'a', rates: ['1/1m'] };
  const keys = ['argument:login.input.email', 'argument:order.id'];
  const priority = { priority: 'critical', when: { field: ['Query.order'] } };
  expect(problemsOf({ rules: [{ ...rule, key: keys }], priorities: [priority] })).toEqual([]);
  expect(
    problemsOf({
      rules: [
        {
          ...rule,
          when: { field: ['Query.ordr'] },
          unless: { field: ['Item.n', 'Query.items'] },
          key: ['argument:logn.input.email', 'argument:order.ix'],
        },
      ],
      priorities: [priority, { ...priority, when: { field: ['Query.ordr'] } }],
    }),
  ).toEqual([
    'rule a: the schema has no field Query.ordr (did you mean Query.order?)',
    'rule a: unless.field must name root fields: Item.n is none',
    'rule a: no root field has the argument logn.input (did you mean login.input?)',
    'rule a: no root field has the argument order.ix (did you mean order.id?)',
    'priorities[1]: the schema has no field Query.ordr (did you mean Query.order?)',
  ]);
});
