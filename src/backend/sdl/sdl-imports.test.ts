import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { print } from 'graphql';
import { expect, test } from 'vitest';
import { folderWith } from '../../../test/support/modules/module-folder.ts';
import { parseSdlParts, sdl } from './sdl.ts';

const read = (files: Readonly<Record<string, string>>) =>
  sdl(pathToFileURL(join(folderWith(files), 'orders/index.ts')).href);

const definitions = (files: Readonly<Record<string, string>>): readonly string[] =>
  parseSdlParts(read(files)).definitions.map((node) => print(node).replaceAll(/\s+/g, ' '));

const SHARED = `interface Text { text: String }
"An amount."
type Money implements Text { cents: Int! currency: Currency! }
enum Currency { EUR USD }
type Unused { n: Int }
extend type Money { text: String }
`;

test('an import brings the named types with their extensions and all that they refer to, and nothing else', () => {
  const files = {
    'common.graphql': SHARED,
    'orders/schema.graphql': '# import Money from "../common.graphql"\ntype Order { total: Money! }\n',
  };
  expect(definitions(files)).toEqual([
    'type Order { total: Money! }',
    'interface Text { text: String }',
    '"An amount." type Money implements Text { cents: Int! currency: Currency! }',
    'enum Currency { EUR USD }',
    'extend type Money { text: String }',
  ]);
});

test('a file that only imports is valid, and one with comments only is not', () => {
  const files = {
    'common.graphql': 'type Query { a: Int }',
    'orders/schema.graphql': '# import * from "../common.graphql"\n',
  };
  expect(definitions(files)).toEqual(['type Query { a: Int }']);
  expect(() => definitions({ 'orders/schema.graphql': '# nothing\n' })).toThrow('Syntax Error');
});

test('* imports all; files import from files, also in a circle; a name imported twice is one definition', () => {
  const files = {
    'common.graphql': '#import B from "./b.graphql"\ntype A { b: B }\ntype C { n: Int }\n',
    'b.graphql': "# import A from './common.graphql'\ntype B { a: A }\ntype D { n: Int }\n",
    'orders/schema.graphql':
      '# import * from "../common.graphql"\n# import B from "../b.graphql"\ntype Order { a: A }\n',
  };
  expect(definitions(files)).toEqual([
    'type Order { a: A }',
    'type A { b: B }',
    'type C { n: Int }',
    'type B { a: A }',
  ]);
});

test.each([
  [
    'a missing file',
    '../other.graphql',
    'Money',
    /orders\/schema\.graphql:2: .*other\.graphql cannot be read: correct the path/,
  ],
  [
    'a missing name',
    '../common.graphql',
    'Mony',
    /orders\/schema\.graphql:2: .*common\.graphql does not define Mony: correct/,
  ],
  ['a syntax error', '../bad.graphql', 'A', /bad\.graphql:2:10: Syntax Error: .*: correct the SDL here/],
])('%s is an error with its place', (_what, path, names, message) => {
  const files = {
    'common.graphql': SHARED,
    'bad.graphql': '\ntype A { ',
    'orders/schema.graphql': `"An order."\n# import ${names} from "${path}"\ntype Order { n: Int }\n`,
  };
  expect(() => read(files)).toThrow(message);
});
