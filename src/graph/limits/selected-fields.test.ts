import { buildSchema, type OperationDefinitionNode, parse } from 'graphql';
import { expect, test } from 'vitest';
import { selectedFields } from './selected-fields.ts';

const schema = buildSchema(`
  interface Node { id: ID! }
  interface Product implements Node { id: ID! price: Int }
  interface Named { name: String }
  type Book implements Node & Product & Named { id: ID! price: Int name: String }
  union Any = Book
  type Query { node: Node product: Product book: Book any: Any }`);

const fieldsOf = (text: string) => {
  const document = parse(text);
  const [operation] = document.definitions as OperationDefinitionNode[];
  if (operation === undefined) throw new Error('no operation');
  return selectedFields(schema, { document, operation, variables: {} }).counts;
};

test.each([
  '{ node { id } }',
  '{ product { id } }',
  '{ book { id } }',
  '{ any { ... on Node { id } } }',
  '{ node { ...b } } fragment b on Book { id }',
])('a rule about a field holds on every way to it: %s', (query) => {
  const fields = fieldsOf(query);
  expect(['Node.id', 'Product.id', 'Book.id'].map((at) => fields.get(at))).toEqual([1, 1, 1]);
  expect(fields.has('Named.id')).toBe(false);
});
