import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { importInto } from '../../../test/support/modules/import-into.ts';
import { discoverModules } from '../../app/discover-modules.ts';
import type { SchemaModule } from '../../backend/define/module.ts';
import { type ScriptedRequest, scripted, testBackend } from '../../testing/index.ts';

let library: SchemaModule;
let files: SchemaModule;

beforeAll(async () => {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'import-'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const dir = join(folder, 'schema');
  for (const name of ['library', 'files']) await importInto(folder, join(import.meta.dirname, `fixture/${name}.yaml`));
  const { modules, problems } = await discoverModules(dir);
  expect(problems).toEqual([]);
  const [first, second] = modules;
  if (first?.name !== 'files' || second === undefined) throw new Error('no modules');
  [files, library] = [first, second];
  return () => rmSync(folder, { recursive: true });
});

const book = { id: 1, title: 'Solaris', author_id: 'a1', genre: 'science-fiction', published_on: '1961-06-01' };

test('arguments have the names, values and notation of the contract', async () => {
  const urls: string[] = [];
  const api = scripted().get('/books', ({ url }) => {
    urls.push(url);
    return { items: [book], total: 30 };
  });
  const { data, errors } = await testBackend(library, { api }).query(
    '{ books(genre: VALUE_18, publishedAfter: "1960-01-01", authorIds: ["a", "b"], first: 1) { nodes { id authorId genre publishedOn } totalCount pageInfo { hasNextPage } } }',
  );
  expect(errors).toBeUndefined();
  expect(data.books).toEqual({
    nodes: [{ id: '1', authorId: 'a1', genre: 'SCIENCE_FICTION', publishedOn: '1961-06-01' }],
    totalCount: 30,
    pageInfo: { hasNextPage: true },
  });
  expect(urls).toEqual([
    '/books?genre=18%2B&order=new-first&published_after=1960-01-01&author_ids=a,b&limit=1&offset=0',
  ]);
});

test('authors of one operation are loaded by one call', async () => {
  const api = scripted().get('/authors', ({ query }) =>
    query.getAll('ids').map((id) => ({ id, name: `Author ${id}` })),
  );
  const gateway = testBackend(library, { api });
  const { data } = await gateway.query('{ a: author(id: "1") { name } b: author(id: "2") { name } }');
  expect(data).toEqual({ a: { name: 'Author 1' }, b: { name: 'Author 2' } });
  expect(gateway.calls).toEqual(['library.api GET /authors']);
});

test('rows of a union have the type that the discriminator names', async () => {
  const events = [
    { kind: 'returned', was_late: true },
    { kind: 'borrowed', book_id: 7 },
  ];
  const api = scripted().get('/events', { events, meta: { next_cursor: null } });
  const { data, errors } = await testBackend(library, { api }).query(
    '{ events { nodes { __typename ... on Borrowed { bookId } ... on Returned { wasLate } } } }',
  );
  expect(errors).toBeUndefined();
  expect(data.events.nodes).toEqual([
    { __typename: 'Returned', wasLate: true },
    { __typename: 'Borrowed', bookId: '7' },
  ]);
});

test('a value that is not in the enumeration costs its field only', async () => {
  const api = scripted().get('/books/{book_id}', { id: 1, title: 'Emma', genre: 'romance' });
  const { data, errors } = await testBackend(library, { api }).query('{ book(bookId: "1") { title genre } }');
  expect(data).toEqual({ book: { title: 'Emma', genre: null } });
  expect(errors).toHaveLength(1);
});

test('a response that lacks a required property is UPSTREAM_BAD_RESPONSE', async () => {
  const api = scripted().get('/books/{book_id}', { id: 1 });
  const { data, errors } = await testBackend(library, { api }).query('{ book(bookId: "1") { id } }');
  expect(data).toEqual({ book: null });
  expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_BAD_RESPONSE' } }]);
});

test('an input has the names of the contract, dates without a time, and maps as objects', async () => {
  const sent: ScriptedRequest[] = [];
  const answer = (request: ScriptedRequest) => {
    sent.push(request);
    return { id: 1, title: 'Emma' };
  };
  const api = scripted().post('/books', answer).patch('/books/{book_id}', answer);
  const gateway = testBackend(library, { api });
  const input = {
    title: 'Emma',
    publishedOn: '1815-12-23',
    copiesByBranch: [{ key: 'north', value: 2 }],
    genre: 'CRIME',
    sequel: { title: 'Emma 2', authorId: 'a1' },
  };
  const create = 'mutation ($input: BookInput!) { createBook(input: $input) { id } }';
  const update = 'mutation ($input: BookChangeInput!) { updateBook(bookId: "1", input: $input) { id } }';
  expect((await gateway.query(create, { input })).errors).toBeUndefined();
  expect(
    (await gateway.query(update, { input: { format: { audio: { runningMinutes: 90 } } } })).errors,
  ).toBeUndefined();
  expect(sent.map(({ body }) => body)).toEqual([
    {
      title: 'Emma',
      published_on: '1815-12-23',
      copies_by_branch: { north: 2 },
      genre: 'crime',
      sequel: { title: 'Emma 2', author_id: 'a1' },
    },
    { format: { running_minutes: 90 } },
  ]);
  expect(sent[1]?.headers['content-type']).toBe('application/merge-patch+json');
});

test('a file of a client arrives with its name and type, and lists repeat the name of their field', async () => {
  const parts: unknown[] = [];
  const api = scripted().post('/photos', async ({ body }) => {
    if (!(body instanceof FormData)) throw new Error('no form');
    for (const [name, value] of body)
      parts.push([name, typeof value === 'string' ? value : `${value.name} ${value.type} ${await value.text()}`]);
    return { id: 1 };
  });
  const input = {
    photo: { content: Buffer.from('PNG').toString('base64'), name: 'front.png', type: 'image/png' },
    thumbs: [{ content: 'YQ==' }, { content: 'Yg==' }],
    altTexts: ['one', 'two'],
  };
  const add = 'mutation ($input: AddPhotoInput!) { addPhoto(input: $input) { id } }';
  expect((await testBackend(files, { api }).query(add, { input })).errors).toBeUndefined();
  expect(parts).toEqual([
    ['photo', 'front.png image/png PNG'],
    ['thumbs', 'file application/octet-stream a'],
    ['thumbs', 'file application/octet-stream b'],
    ['alt_texts', 'one'],
    ['alt_texts', 'two'],
  ]);
});

test('a body of text or bytes that the client leaves out is not sent', async () => {
  const sent: unknown[] = [];
  const answer = ({ bytes, headers }: ScriptedRequest) => {
    sent.push([headers['content-type'], Buffer.from(bytes ?? []).toString()]);
  };
  const api = scripted().put('/archive', answer).patch('/notes', answer);
  const gateway = testBackend(files, { api });
  const { errors } = await gateway.query(
    'mutation { a: replaceArchive b: replaceArchive(input: "YQ==") c: appendNotes(input: "x,y") d: appendNotes }',
  );
  expect(errors).toBeUndefined();
  expect(sent).toEqual([
    [undefined, ''],
    ['application/octet-stream', 'a'],
    ['text/csv', 'x,y'],
    [undefined, ''],
  ]);
});
