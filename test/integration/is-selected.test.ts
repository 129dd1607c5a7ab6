import { isSelected } from 'tributary/backend';
import { expect, test } from 'vitest';
import { EXECUTIONS, executedBy } from '../support/gateway/executed.ts';
import { plain } from '../support/modules/small-modules.ts';

const SDL = 'type Query { book: Book } type Book { title: String author: Author } type Author { name: String }';

for (const execution of EXECUTIONS) {
  test.each([
    ['{ book { title } }', ['title']],
    ['{ book { b: author { name } } }', ['author', 'author.name']],
    ['{ book { ...F } } fragment F on Book { author { __typename } }', ['author']],
    ['{ book { title @skip(if: true) author @include(if: true) { name } } }', ['author', 'author.name']],
  ])(`isSelected is true for the selected fields of %s, ${execution}`, async (document, selected) => {
    const found: string[] = [];
    const module = plain('library', SDL, {
      resolvers: {
        Query: {
          book: (...[, , , info]: readonly unknown[]) => {
            for (const path of ['title', 'author', 'author.name', 'author.age', 'name'])
              if (isSelected(info as never, path)) found.push(path);
            return { title: 'T', author: { name: 'A' } };
          },
        },
      },
    });
    expect((await executedBy(execution, [module])(document)).errors).toBeUndefined();
    expect(found).toEqual(selected);
  });
}

test('isSelected without the info of the gateway is an error', () => {
  expect(() => isSelected({} as never, 'title')).toThrow('needs the info of a resolver');
});
