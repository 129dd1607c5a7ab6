import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generateAll, generateModule } from './generate.ts';
import { testFolder } from './test-folder.ts';

/** The problems of a folder, without its path. */
const problemsIn = async (files: Readonly<Record<string, string>>): Promise<string[]> => {
  const folder = testFolder(files);
  const { problems } = await generateAll(folder);
  return problems.map((problem) => problem.replace(`${folder}/`, ''));
};

const QUERY = 'type Query { ok: Boolean }';

test('all problems of all modules are reported, each with its place and fix', async () => {
  const problems = await problemsIn({
    'a/schema.graphql':
      'type Query {\n  x: Custmer\n  y(a: Nope): Int\n}\ntype Customer { id: ID }\ntype Customer { no: ID }',
    'b/schema.graphql': 'type Query {\n  x: String\n  y(: Int\n}\n',
    'c/schema.graphql': QUERY,
    'c/c.proto': 'syntax = "proto3";\nmessage A {\n  Gone a = 1;\n  map<string, Lost> b = 2;\n  string c = 3;\n}\n',
  });
  const fix =
    'Correct the name, or define the type in this file; for a type of another module the key fields are enough.';
  const define = 'Define it, import the file that does, or correct the name.';
  expect(problems).toEqual([
    `a/schema.graphql:2:6: Unknown type "Custmer". Did you mean "Customer"? ${fix}`,
    `a/schema.graphql:3:8: Unknown type "Nope". ${fix}`,
    'a/schema.graphql:6:6: There can be only one type named "Customer". Keep one of them.',
    'b/schema.graphql:3:5: Syntax Error: Expected Name, found ":". Correct the SDL here.',
    // protoc reports no position for the type of a map's values.
    `c/c.proto: "Lost" is not defined. ${define}`,
    `c/c.proto:3:3: "Gone" is not defined. ${define}`,
  ]);
});

test.each([
  [
    'interface N { a: Int }\ntype A implements N { b: Int }',
    '3:1: Interface field N.a expected but A does not provide it.',
  ],
  ['input I {\n  q: Query\n}', '3:6: The type of I.q must be Input Type but got: Query.'],
  ['type Empty', '2:1: Type Empty must define one or more fields.'],
  ['type A {\n  b(n: Int = "three"): Int\n}', '3:14: The default of n is not of type Int.'],
])('invalid SDL: %s', async (sdl, message) => {
  const problems = await problemsIn({ 'a/schema.graphql': `${QUERY}\n${sdl}` });
  expect(problems).toEqual([expect.stringContaining(`a/schema.graphql:${message}`)]);
});

test.each([
  'type Query { a: DateTime @anything(goes: true) }',
  'extend type Query { a: Int } extend type Product { id: ID! }',
  'type Product { id: ID! }',
])('valid SDL of a module: %s', async (sdl) => {
  expect(await problemsIn({ 'a/schema.graphql': sdl })).toEqual([]);
});

test.each([
  ['message A {\n  string x 1;\n}', '3:12: Missing field number. '],
  ['message A {\n  string x = 1;\n  string x = 2;\n}', '4:10: "x" is already defined in "A". '],
  [
    'message A {\n  string x = 1;\n  string y = 1;\n}',
    '4:14: Field number 1 has already been used in "A" by field "x".',
  ],
  ['message A {}\nmessage A {}', '3:9: "A" is already defined. '],
  ['message A {\n  string x = 1;', "3:16: Reached end of input in message definition (missing '}'). "],
  ['import "gone.proto";\nmessage A { Gone x = 1; }', '2:1: "gone.proto" was not found; imports are searched in '],
  ['service S {\n  rpc Do(A) returns (stream B);\n}', '3:10: "A" is not defined. '],
])('an invalid .proto file: %s', async (proto, message) => {
  const files = { 'a/schema.graphql': QUERY, 'a/a.proto': `syntax = "proto3";\n${proto}` };
  expect((await problemsIn(files))[0]).toContain(`a/a.proto:${message}`);
});

test('a problem in an imported file is reported once, at its place', async () => {
  const problems = await problemsIn({
    'a/schema.graphql': QUERY,
    'a/a.proto': 'syntax = "proto3";\nimport "shared/b.proto";\nmessage A { B b = 1; }',
    'a/shared/b.proto': 'syntax = "proto3";\nimport "shared/c.proto";\nmessage B { C c = 1; strng d = 2; }',
    'a/shared/c.proto': 'syntax = "proto3";\nmessage C {}',
  });
  expect(problems).toEqual([expect.stringMatching(/^a\/shared\/b\.proto:3:22: "strng" is not defined\. /)]);
});

test('problems of other modules do not fail a single module', async () => {
  const folder = testFolder({ 'a/schema.graphql': QUERY, 'b/schema.graphql': 'type Query { x: Gone }' });
  expect(await generateModule(join(folder, 'a'))).toContain('export interface Schema');
  await expect(generateModule(join(folder, 'b'))).rejects.toThrow('Unknown type "Gone"');
  await expect(generateModule(join(folder, 'c'))).rejects.toThrow('has no schema.graphql');
});
