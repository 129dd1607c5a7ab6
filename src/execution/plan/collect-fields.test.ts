import { buildSchema, type FragmentDefinitionNode, isObjectType, parse } from 'graphql';
import { expect, test } from 'vitest';
import { fieldsOf } from './collect-fields.ts';

const schema = buildSchema(`
  type Query { item: Item }
  interface Item { id: ID!  title: String }
  type Book implements Item { id: ID!  title: String  pages: Int }
  type Film implements Item { id: ID!  title: String  minutes: Int }
`);

/** The fields that `book` requests of a Book: response keys, each with the number of its nodes. */
const requested = (text: string, conditions: Record<string, unknown> = {}): string[] => {
  const fragments: Record<string, FragmentDefinitionNode> = {};
  for (const node of parse(text).definitions) if (node.kind === 'FragmentDefinition') fragments[node.name.value] = node;
  const type = schema.getType('Book');
  if (fragments.book === undefined || !isObjectType(type)) throw new Error('No fragment on Book.');
  const fields = fieldsOf({ schema, fragments, conditions }, type, [fragments.book.selectionSet]);
  return [...fields].map(([key, nodes]) => `${key} ${nodes.length}`);
};

test('fields keep the order of the document; a repeated one stays at its first place', () => {
  expect(requested('fragment book on Book { title  pages  name: title  title }')).toEqual([
    'title 2',
    'pages 1',
    'name 1',
  ]);
});

test('fragments on the type and on its interfaces apply; those on other types do not', () => {
  const inline = '... { id }  ... on Item { title }  ... on Book { pages }  ... on Film { minutes }';
  expect(requested(`fragment book on Book { ${inline} }`)).toEqual(['id 1', 'title 1', 'pages 1']);
  expect(
    requested(`
      fragment book on Book { ...item ...film }
      fragment item on Item { title }
      fragment film on Film { minutes }
    `),
  ).toEqual(['title 1']);
});

test('a fragment that is spread twice is read once', () => {
  expect(requested('fragment book on Book { ...item id ...item } fragment item on Item { title }')).toEqual([
    'title 1',
    'id 1',
  ]);
});

test('@skip and @include remove fields, inline fragments and spreads, and @skip wins', () => {
  const text = `
    fragment book on Book {
      id @skip(if: $off)
      title @include(if: $on)
      ... @include(if: $off) { pages }
      ...item @skip(if: $on)
      name: title @skip(if: $on) @include(if: $on)
    }
    fragment item on Item { id }
  `;
  expect(requested(text, { on: true, off: false })).toEqual(['id 1', 'title 1']);
  expect(requested(text, { on: false, off: true })).toEqual(['pages 1', 'id 1']);
});
