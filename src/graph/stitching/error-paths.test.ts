import { buildSchema, execute, GraphQLObjectType, parse } from 'graphql';
import { expect, test } from 'vitest';
import { relocateErrors } from './error-paths.ts';

const answerOf = async (gives: unknown) => {
  const schema = buildSchema('type Query { shop: Shop }  type Shop { name: String }');
  const query = schema.getQueryType();
  if (query instanceof GraphQLObjectType)
    Object.assign(query.getFields().shop ?? {}, { resolve: () => ({ name: gives }) });
  return execute({
    schema: relocateErrors(schema),
    document: parse('{ shop { name } }'),
    contextValue: { budget: { take: () => null } },
  });
};

test('a selection that delegation dropped is an error, and null stays null', async () => {
  expect(await answerOf(null)).toEqual({ data: { shop: { name: null } } });
  for (const dropped of [undefined, Promise.resolve(undefined)]) {
    const { data, errors } = await answerOf(dropped);
    expect(data).toEqual({ shop: { name: null } });
    expect(errors?.map(({ message, path }) => [message, path])).toEqual([
      ['Delegation dropped Shop.name.', ['shop', 'name']],
    ]);
  }
});
