import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'graphql';
import { parseSync } from 'oxc-parser';
import { expect, test } from 'vitest';
import { FIXTURE, importInto, PACKAGE } from '../../../test/support/modules/import-into.ts';
import { discoverModules } from '../../app/discover-modules.ts';
import { testFolder } from '../codegen/test-folder.ts';

const contract = (text: string): string => join(testFolder({ ...PACKAGE, 'contract.yaml': text }), 'contract.yaml');

test.each(['library.yaml', 'parcels.json', 'commands.yaml', 'files.yaml'])(
  '%s becomes the same SDL, code and test',
  async (file) => {
    const folder = testFolder(PACKAGE);
    const [name = ''] = file.split('.');
    await importInto(folder, join(FIXTURE, file));
    const read = (path: string) => readFileSync(join(folder, 'schema', name, path), 'utf8');
    const expected = (path: string) => join(FIXTURE, 'expected', `${name}.${path}.txt`);
    await expect(read('imported.generated.graphql')).toMatchFileSnapshot(expected('graphql'));
    await expect(read('imported.generated.ts')).toMatchFileSnapshot(expected('generated'));
    await expect(read('index.ts')).toMatchFileSnapshot(expected('index'));
    await expect(read('index.test.ts')).toMatchFileSnapshot(expected('test'));
    if (name === 'library' || name === 'files') await expect(read('mock.ts')).toMatchFileSnapshot(expected('mock'));
  },
);

test('--list shows what each operation becomes, and writes nothing', async () => {
  const folder = testFolder(PACKAGE);
  const list = await importInto(folder, join(FIXTURE, 'library.yaml'), { list: true });
  expect(list.split('\n')).toEqual([
    'GET /books               Query.books: BookConnection, pages by offset',
    'POST /books              Mutation.createBook: Book',
    'GET /books/{book_id}     Query.book: Book, loader bookById (one call a key)',
    'PATCH /books/{book_id}   Mutation.updateBook: Book',
    'DELETE /books/{book_id}  Mutation.deleteBook: Boolean',
    'GET /authors             Query.authors: [Author!]',
    'GET /authors/{id}        Query.author: Author, loader authorById (one call for many keys)',
    'GET /loans               Query.loans: LoanConnection, pages by link',
    'POST /loans              Mutation.createLoan: Boolean',
    'GET /events              Query.events: EventConnection, pages by token',
    'GET /shelves/{id}        Query.shelf: Shelf, loader shelfById (one call for many keys)',
    'GET /shelves             Query.shelves: ShelfConnection, pages by cursor',
    'GET /export              Query.exportAll: Base64',
  ]);
  await expect(
    importInto(folder, join(FIXTURE, 'library.yaml'), { list: true, dir: join(folder, 'none') }),
  ).resolves.toBe(list);
});

test('files, text and bytes are imported, streams of events are not', async () => {
  const list = await importInto(testFolder(PACKAGE), join(FIXTURE, 'files.yaml'), { list: true });
  expect(list.split('\n').map((line) => line.replace(/ {2,}/, '  '))).toEqual([
    'POST /photos  Mutation.addPhoto: Photo',
    'GET /photos/{id}  Query.photo: Photo, loader photoById (one call a key)',
    'GET /photos/{id}/content  Query.photoContent: Base64',
    'PUT /photos/{id}/content  Mutation.replacePhotoContent: Boolean',
    'PUT /archive  Mutation.replaceArchive: Boolean',
    'GET /notes  Query.notes: String',
    'POST /notes  Mutation.addNote: String',
    'PATCH /notes  Mutation.appendNotes: Boolean',
    'GET /notes/changes  not imported: its response is text/event-stream',
  ]);
});

test.each([
  [['GET /authors*'], ['author', 'authors']],
  [['books'], ['book', 'books', 'createBook', 'deleteBook', 'updateBook']],
  [
    ['list*', 'createLoan'],
    ['authors', 'books', 'createLoan', 'events', 'loans'],
  ],
])('--select %j imports %j', async (select, fields) => {
  const list = await importInto(testFolder(PACKAGE), join(FIXTURE, 'library.yaml'), { select, list: true });
  expect([...list.matchAll(/(?:Query|Mutation)\.(\w+)/g)].map(([, name]) => name).toSorted()).toEqual(fields);
});

test('a selection without a match is refused, with a similar name', async () => {
  const found = importInto(testFolder(PACKAGE), join(FIXTURE, 'library.yaml'), { select: ['boks', '/nothing'] });
  await expect(found).rejects.toThrow(
    /--select 'boks' matches no operation. Did you mean 'books'\?\n--select '\/nothing'/,
  );
});

test('more than 60 operations need a selection: the message has the tags', async () => {
  const operation = (tag: string) =>
    `{ get: { tags: [${tag}], responses: { '200': { description: OK, content: { application/json: { schema: { type: string } } } } } } }`;
  const paths = Array.from({ length: 61 }, (_, at) => `  /p${at}: ${operation(at < 50 ? 'many' : 'few')}`);
  const source = contract(`openapi: 3.0.0\ninfo: { title: Large }\npaths:\n${paths.join('\n')}\n`);
  const folder = testFolder(PACKAGE);
  const message = await importInto(folder, source).catch((error: Error) => error.message);
  expect(message).toBe(
    [
      'The contract has 61 operations: select those that the graph needs.',
      'Operations by tag:',
      '     50  many',
      '     11  few',
      "For example: --select 'many'. --list shows what each operation becomes, --all imports all of them.",
    ].join('\n'),
  );
  await expect(importInto(folder, source, { all: true })).resolves.toContain('61 operations');
});

test('problems of a contract are reported together, each with its JSON pointer and a fix', async () => {
  const source = contract(`
openapi: 3.0.0
info: { title: Broken }
paths:
  pets: { get: { responses: {} } }
  /pets/{id}:
    get: { operationId: getPet }
    put: { responses: { '200': { $ref: '#Pet' } } }
    delete: { responses: { '200': { $ref: '#/components/responses/Gone' } } }
`);
  const message = await importInto(testFolder(PACKAGE), source).catch((error: Error) => error.message);
  expect(message).toBe(
    [
      'The contract is not valid:',
      '  contract.yaml#/paths/pets does not begin with /: correct the path.',
      '  contract.yaml#/paths/~1pets~1{id}/get has no responses: describe at least one.',
      '  contract.yaml#/paths/~1pets~1{id}/put/responses/200 refers to the anchor #Pet: use a JSON pointer, as in #/components/schemas/Pet.',
      '  contract.yaml#/paths/~1pets~1{id}/delete/responses/200 refers to #/components/responses/Gone, which does not exist: define it, or correct the reference.',
    ].join('\n'),
  );
});

test.each([
  ['a: [1', /contract.yaml is neither JSON nor YAML. Correct it here:\n {2}contract.yaml:1:\d+: /],
  ['swagger: 1.2', /contract.yaml#\/swagger is 1.2: use OpenAPI 3.0 or 3.1, or Swagger 2./],
  ['hello: world', /contract.yaml is no OpenAPI document/],
  ['openapi: 3.1.0', /contract.yaml#\/paths has no operations/],
])('%j is refused', async (text, message) => {
  await expect(importInto(testFolder(PACKAGE), contract(text))).rejects.toThrow(message);
});

test('a module that no import wrote is not overwritten', async () => {
  const folder = testFolder({ ...PACKAGE, 'schema/parcels/index.ts': 'export default {};' });
  await expect(importInto(folder, join(FIXTURE, 'parcels.json'))).rejects.toThrow(
    /is a module that was not imported: choose another name with --as/,
  );
});

test('names of other modules are not used again', async () => {
  const sdl = 'type Query { parcel: Parcel }  type Parcel { id: ID! }';
  const folder = testFolder({ ...PACKAGE, 'schema/post/schema.graphql': sdl });
  const list = await importInto(folder, join(FIXTURE, 'parcels.json'), { list: true });
  expect(list).toContain('Query.getParcel: ParcelObject');
});

test('texts of a contract cannot leave the comments and strings of the code', async () => {
  const folder = testFolder(PACKAGE);
  const source = contract(`
openapi: 3.1.0
info: { title: "Trap */ \\n process.exit(1); //" }
servers: [{ url: "https://a.example/\\nprocess.exit(1)" }]
paths:
  "/items/{id}'":
    get:
      operationId: getItem
      parameters:
        - { name: id, in: path, required: true, schema: { type: string } }
        - { name: "a'\\nprocess.exit(1)", in: cookie, schema: { type: string } }
        - { name: "b'+process.exit(1)+'", in: query, schema: { type: string, default: "'\\"\\n" } }
      responses: { '200': { description: OK, content: { application/json: { schema: { $ref: '#/components/schemas/Item' } } } } }
components:
  securitySchemes: { "k\\nprocess.exit(1)": { type: oauth2, flows: { clientCredentials: { tokenUrl: "https://t\\nprocess.exit(1)" } } } }
  schemas:
    Item:
      type: object
      description: '""" } type Other { a: Int } """'
      properties:
        "x'\\nprocess.exit(1)": { type: "string\\ntype Other2 { a: Int }" }
        state: { type: string, enum: ["a'+process.exit(1)+'", 'b'] }
`);
  await importInto(folder, source, { name: 'trap' });
  const { modules, problems } = await discoverModules(join(folder, 'schema'));
  expect(problems).toEqual([]);
  const sdl = readFileSync(join(folder, 'schema/trap/imported.generated.graphql'), 'utf8');
  expect(parse(sdl).definitions.map((node) => 'name' in node && node.name?.value)).toEqual([
    'Query',
    'Item',
    'ItemState',
  ]);
  expect(modules).toHaveLength(1);
  for (const name of ['index.ts', 'index.test.ts', 'imported.generated.ts']) {
    const code = readFileSync(join(folder, 'schema/trap', name), 'utf8');
    const { program, errors } = parseSync(name, code);
    expect(errors).toEqual([]);
    // Only in strings and comments, never as code.
    expect(JSON.stringify(program)).not.toMatch(/"type":"Identifier"[^}]*"name":"process"/);
  }
});

test('a contract in several files is one contract', async () => {
  const folder = testFolder({
    ...PACKAGE,
    'api/contract.yaml': `openapi: 3.1.0
info: { title: Pets }
paths:
  /pets/{id}: { $ref: './paths/pet.yaml' }
`,
    'api/paths/pet.yaml': `get:
  operationId: getPet
  parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
  responses:
    '200': { description: OK, content: { application/json: { schema: { $ref: '../schemas.yaml#/Pet' } } } }
`,
    'api/schemas.yaml': `Pet: { type: object, required: [id], properties: { id: { type: string }, parent: { $ref: '#/Pet' }, size: { $ref: './size.json' } } }\n`,
    'api/size.json': '{ "type": "string", "enum": ["SMALL", "LARGE"] }',
  });
  await importInto(folder, join(folder, 'api/contract.yaml'), { name: 'pets' });
  const sdl = readFileSync(join(folder, 'schema/pets/imported.generated.graphql'), 'utf8');
  expect(sdl.replace(/^# .*\n/gm, '').trim()).toBe(
    `type Query {
  pet(id: ID!): Pet
}

type Pet {
  id: ID!
  parent: Pet
  size: Size
}

enum Size {
  SMALL
  LARGE
}`,
  );
});

test('files that are missing are named together, and a local contract reads no URL', async () => {
  const source = contract(`openapi: 3.1.0
info: { title: Pets }
paths:
  /a: { $ref: './a.yaml' }
  /b: { $ref: 'b.yaml#/b' }
  /c: { $ref: 'http://127.0.0.1:1/c.yaml' }
`);
  const message = await importInto(testFolder(PACKAGE), source).catch((error: Error) => error.message);
  expect(
    message
      .split('\n')
      .map((line: string) => line.trim())
      .toSorted(),
  ).toEqual([
    'Files of the contract cannot be read:',
    'a.yaml is not a file: correct the path.',
    'b.yaml is not a file: correct the path.',
    'http://127.0.0.1:1/c.yaml is at another origin: copy the file next to the contract.',
  ]);
});

test('a module that its author has broken is reported, and its contract is imported', async () => {
  const folder = testFolder(PACKAGE);
  await importInto(folder, join(FIXTURE, 'parcels.json'));
  writeFileSync(join(folder, 'schema/parcels/index.ts'), "import './missing.ts';\n");
  expect(await importInto(folder, join(FIXTURE, 'parcels.json'))).toMatch(/^warning: .*parcels/m);
});
