import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FIXTURE, importInto, PACKAGE } from '../../../test/support/modules/import-into.ts';
import { testFolder } from '../codegen/test-folder.ts';

test('a second import shows the changes, and keeps the files that the author has edited', async () => {
  const folder = testFolder({ ...PACKAGE, 'parcels.json': readFileSync(join(FIXTURE, 'parcels.json'), 'utf8') });
  const source = join(folder, 'parcels.json');
  const path = (name: string) => join(folder, 'schema/parcels', name);
  await importInto(folder, source);
  const unchanged = await importInto(folder, source);
  expect(unchanged.split('\n')).toEqual([
    'The graph has not changed.',
    '3 operations, 3 types, 12 fields and arguments.',
  ]);

  const index = `${readFileSync(path('index.ts'), 'utf8')}// mine\n`;
  writeFileSync(path('index.ts'), index);
  writeFileSync(
    source,
    readFileSync(source, 'utf8')
      .replace('"SENT", "LOST"', '"SENT", "FOUND"')
      .replace('"required": ["code", "weight"]', '"required": ["code"]'),
  );
  const report = await importInto(folder, source);
  expect(report).toContain(
    [
      'Changes of the graph:',
      '  - ParcelState.LOST',
      '  ~ Parcel.weight: Int! -> Int',
      '  + ParcelState.FOUND',
      '  ~ ParcelInput.weight: Int! -> Int',
    ].join('\n'),
  );
  expect(report).toMatch(/^kept .*schema\/parcels\/index\.ts: it has lines of your own$/m);
  expect(report).toMatch(/^wrote .*schema\/parcels\/imported\.generated\.ts$/m);
  expect(readFileSync(path('index.ts'), 'utf8')).toBe(index);
  expect(report).not.toContain('warning');
  expect(readFileSync(path('index.test.ts'), 'utf8')).not.toContain('LOST');
});

test('a second import shows changes of files, text and bytes, and keeps the files that the author has edited', async () => {
  const folder = testFolder({ ...PACKAGE, 'files.yaml': readFileSync(join(FIXTURE, 'files.yaml'), 'utf8') });
  const source = join(folder, 'files.yaml');
  await importInto(folder, source);
  const mock = join(folder, 'schema/files/mock.ts');
  const edited = `${readFileSync(mock, 'utf8')}// mine\n`;
  writeFileSync(mock, edited);
  writeFileSync(
    source,
    readFileSync(source, 'utf8')
      .replace('photo: { type: string, format: binary }', 'photo: { type: string }')
      .replace(
        'requestBody: { content: { application/octet-stream:',
        'requestBody: { required: true, content: { application/octet-stream:',
      ),
  );
  const report = await importInto(folder, source);
  expect(report).toContain(
    [
      'Changes of the graph:',
      '  ~ Mutation.replaceArchive(input:): Base64 -> Base64!',
      '  ~ AddPhotoInput.photo: FileInput! -> String!',
    ].join('\n'),
  );
  expect(report).toMatch(/^kept .*schema\/files\/mock\.ts: it has lines of your own$/m);
  expect(readFileSync(mock, 'utf8')).toBe(edited);
});

test('a type that schema.graphql defines is not imported', async () => {
  const folder = testFolder(PACKAGE);
  await importInto(folder, join(FIXTURE, 'parcels.json'));
  const path = join(folder, 'schema/parcels/schema.graphql');
  writeFileSync(
    path,
    `${readFileSync(path, 'utf8')}\ntype Parcel { code: String!  weight: Int  state: ParcelState }\n`,
  );
  expect(await importInto(folder, join(FIXTURE, 'parcels.json'))).toContain('  - Parcel.code: String!');
  expect(readFileSync(join(folder, 'schema/parcels/imported.generated.graphql'), 'utf8')).not.toContain('type Parcel ');
});

test('a second import keeps names that another module has since, such as a type that it refers to by key', async () => {
  const folder = testFolder(PACKAGE);
  const options = { name: 'museum', protoPaths: [join(FIXTURE, 'protos')] };
  const source = join(FIXTURE, 'protos/museum/v1/museum.proto');
  await importInto(folder, source, options);
  mkdirSync(join(folder, 'schema/tours'));
  writeFileSync(
    join(folder, 'schema/tours/schema.graphql'),
    'type Query { tour: Tour }  type Tour { id: ID!  work: Work }  type Work { id: ID! }',
  );
  expect(await importInto(folder, source, options)).toMatch(/^The graph has not changed\.$/m);
});

test('the command of a join by --rename works again', async () => {
  const folder = testFolder({
    ...PACKAGE,
    'schema/shop/schema.graphql': 'type Query { a: Int }  type Piece { id: ID! }',
  });
  const options = { renames: ['Work=Piece'] };
  await importInto(folder, join(FIXTURE, 'gallery.graphql'), options);
  const report = await importInto(folder, join(FIXTURE, 'gallery.graphql'), options);
  expect(report).toMatch(/^The graph has not changed\.$/m);
});
