import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FIXTURE, importInto, PACKAGE } from '../../../../test/support/modules/import-into.ts';
import { testFolder } from '../../codegen/test-folder.ts';

/** Texts of a module that is imported with these renames, as one. */
const imported = async (
  source: string,
  name: string,
  renames: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<string> => {
  const folder = testFolder({ ...PACKAGE, ...files });
  await importInto(folder, join(FIXTURE, source), { name, renames, protoPaths: [join(FIXTURE, 'protos')] });
  return ['imported.generated.graphql', 'imported.generated.ts']
    .map((path) => readFileSync(join(folder, 'schema', name, path), 'utf8'))
    .join('\n');
};

test('types and fields of an OpenAPI contract have the chosen names, and the backend its own', async () => {
  const text = await imported('library.yaml', 'library', [
    'Book=Volume',
    'Book.title=heading',
    'Book.id=number',
    'BookInput.title=heading',
    'Genre=Kind',
    'Query.books=volumes',
  ]);
  for (const expected of [
    '--rename Book=Volume --rename Book.title=heading',
    '\ntype Volume {',
    '  heading: String!\n',
    '  genre: Kind\n',
    '\n    genre: Kind\n',
    '  ): BookConnection\n',
    '  nodes: [Volume!]!\n',
    "  Volume: { key: 'number', load: 'bookById' },\n",
    "  title: 'heading',\n",
    "  heading: 'title',\n",
    '    volumes: (_root: unknown',
  ])
    expect(text).toContain(expected);
});

test('types and fields of a .proto have the chosen names, and its messages their own', async () => {
  const text = await imported('protos/museum/v1/museum.proto', 'museum', [
    'Work=Piece',
    'Work.id=code',
    'WorkInput.title=heading',
    'Query.work=piece',
  ]);
  for (const expected of [
    '\ntype Piece {\n',
    '  piece(id: ID!): Piece\n',
    "  Piece: { key: 'code', load: 'workById' },\n",
    "byKey((await museum.batchGetWorks({ ids: keys })).works, 'id')",
    "    code: (row: Rows['Piece']) => row.id,\n",
    '  title: input.heading,\n',
  ])
    expect(text).toContain(expected);
});

test('types and fields of a GraphQL service have the chosen names, with a prefix too, and those of interfaces', async () => {
  const text = await imported('gallery.graphql', 'gallery', ['Work=Piece', 'Work.title=heading', 'Node.id=nodeId']);
  for (const expected of [
    "  Piece: { from: 'Work', fields: { nodeId: 'id', heading: 'title' } },\n",
    "  Node: { from: 'Node', fields: { nodeId: 'id' } },\n",
    "  Piece: { key: 'nodeId', load: 'workById' },\n",
    'type Piece implements Node {\n  nodeId: ID!\n  heading: String!\n',
  ])
    expect(text).toContain(expected);
});

test('names that do not exist, or would exist twice, are reported together', async () => {
  const dir = {
    'schema/other/schema.graphql': 'type Query { pages: Int }  type Volume { id: ID }  type Kind { id: ID }',
  };
  const folder = testFolder({ ...PACKAGE, ...dir });
  const renames = [
    'Bok=Tome',
    'Book.titel=heading',
    'Book=Volume',
    'Author=Shelf',
    'Query.books=pages',
    'BookConnection.nodes=rows',
    'Event.kind=type',
    'Genre=Kind',
  ];
  const message = await importInto(folder, join(FIXTURE, 'library.yaml'), { renames }).catch(
    (error: Error) => error.message,
  );
  expect(message.split('\n')).toEqual([
    "--rename 'Bok=Tome': no type Bok is imported. Did you mean 'Book'?",
    "--rename 'Book.titel=heading': Book has no field titel. Did you mean 'title'?",
    "--rename 'BookConnection.nodes=rows': the gateway reads the fields of BookConnection by their names.",
    "--rename 'Event.kind=type': Event has no fields.",
    '--rename: another module has Query.pages. Use another name.',
    "--rename 'Genre=Kind': another module has Kind, and no imported operation loads Genre by its key, to join them. Use another name.",
    '--rename: Shelf would exist twice. Use another name.',
  ]);
});

test.each([
  ['library.yaml', 'Book', "  Volume: { key: 'id', load: 'bookById' },\n", '  title: String\n'],
  ['protos/museum/v1/museum.proto', 'Work', "  Volume: { key: 'id', load: 'workById' },\n", '  title: String\n'],
  ['gallery.graphql', 'Work', "  Volume: { key: 'id', load: 'workById' },\n", '  title: String\n'],
])(
  'a type of %s gets the name of a type in another module, and joins it by its key',
  async (source, type, merge, field) => {
    const text = await imported(source, 'joined', [`${type}=Volume`], {
      'schema/shop/schema.graphql': 'type Query { volumes: [Volume!] }  type Volume { id: ID! }',
    });
    const [, sdl = ''] = /^type Volume .*?\{\n(.*?)^\}/ms.exec(text) ?? [];
    expect(sdl).toContain('  id: ID!\n');
    expect(sdl).toContain(field);
    expect(sdl.match(/!$/gm)).toHaveLength(1);
    expect(text).toContain(merge);
  },
);

test.each(['Book', 'Book=', 'Book.title.x=y', 'Book=1', 'Query=Root'])('--rename %j is rejected', async (rename) => {
  const found = importInto(testFolder(PACKAGE), join(FIXTURE, 'library.yaml'), { renames: [rename] });
  await expect(found).rejects.toThrow(`--rename '${rename}'`);
});

test.each([
  ['library.yaml', 'Book', 'BookObject'],
  ['protos/museum/v1/museum.proto', 'Work', 'MuseumV1Work'],
  ['gallery.graphql', 'Work', 'GalleryWork'],
])('the report on %s has the rename that joins a type with the name of another module', async (source, type, named) => {
  const shop = {
    'schema/shop/schema.graphql': `type Query { a: Int }  type ${type} { id: ID! }  type Page { id: ID! }`,
  };
  const options = { protoPaths: [join(FIXTURE, 'protos')] };
  const line = `${type} is named ${named}, because another module has ${type}: --rename ${named}=${type} joins the two by their key`;
  const report = await importInto(testFolder({ ...PACKAGE, ...shop }), join(FIXTURE, source), options);
  expect(report.split('\n').filter((one) => one.includes('another module'))).toEqual([line]);
  const renamed = { ...options, renames: [`${named}=${type}`] };
  expect(await importInto(testFolder({ ...PACKAGE, ...shop }), join(FIXTURE, source), renamed)).not.toContain(
    'another',
  );
});
