import { expect, test } from 'vitest';
import { EXECUTIONS, executedBy } from '../support/gateway/executed.ts';
import { plain } from '../support/modules/small-modules.ts';

const SDL =
  'type Query { shop: Shop } type Mutation { open: Shop } type Shop { owner: Person! any: Any } type Person { name: String } union Any = Shop | Person';

const shop = () => ({ owner: { name: 'Ada' }, any: { __typename: 'Person' } });

const shops = plain('shops', SDL, { resolvers: { Query: { shop }, Mutation: { open: shop } } });

const SELECTIONS = {
  'an inline fragment': '{ ... on Person { __typename } }',
  'an inline fragment without a type': '{ ... { __typename } }',
  'a fragment in a fragment': '{ ... on Person { ... on Person { __typename } } }',
  'a fragment with a name': '{ ...F } } } fragment F on Person { __typename',
};

for (const execution of EXECUTIONS)
  for (const [what, selection] of Object.entries(SELECTIONS))
    test(`${execution}: __typename alone in ${what} is answered`, async () => {
      const runQuery = executedBy(execution, [shops]);
      const close = selection.includes('...F') ? '}' : '} }';
      expect(await runQuery(`{ shop { owner ${selection} ${close}`)).toEqual({
        data: { shop: { owner: { __typename: 'Person' } } },
        errors: undefined,
      });
      expect(await runQuery(`mutation { open { any ${selection} ${close}`)).toEqual({
        data: { open: { any: { __typename: 'Person' } } },
        errors: undefined,
      });
    });
