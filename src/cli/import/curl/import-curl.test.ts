import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startRecorder } from '../../../../test/support/http/recorder.ts';
import { FIXTURE, importInto, PACKAGE } from '../../../../test/support/modules/import-into.ts';
import { testFolder } from '../../codegen/test-folder.ts';

const CUSTOMER = join(FIXTURE, 'curl/customer.json');
const GET_CUSTOMER =
  "curl 'https://api.shop.example/v1/customers/cus_9s6XKzkN?expand=orders' -H 'Authorization: Bearer canary-1' -H 'x-api-key: canary-2' -H 'Shop-Version: 2024-01-01' -b 'sid=canary-3' -H 'sec-fetch-mode: cors'";

const textsOf = (folder: string) => (path: string) => readFileSync(join(folder, 'schema/shop', path), 'utf8');

/** All texts of the module shop. */
const allTexts = (folder: string): string => readdirSync(join(folder, 'schema/shop')).map(textsOf(folder)).join('\n');

/** A folder with the answer to a command. */
const answered = (answer: unknown): { readonly folder: string; readonly answer: string } => {
  const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
  const folder = testFolder({ ...PACKAGE, answer: text });
  return { folder, answer: join(folder, 'answer') };
};

/** The SDL of a command's module, without its header. */
const sdlOf = async (command: string, body: unknown): Promise<string> => {
  const { folder, answer } = answered(body);
  await importInto(folder, command, { name: 'shop', answer });
  return textsOf(folder)('imported.generated.graphql')
    .replaceAll(/^# .*\n/gm, '')
    .trim();
};

test('a curl command with a recorded answer becomes the same SDL, code, test and mock', async () => {
  const { folder, answer } = answered(readFileSync(CUSTOMER, 'utf8'));
  const announced: string[] = [];
  await importInto(folder, GET_CUSTOMER, { answer }, { announce: (line) => void announced.push(line) });
  const read = textsOf(folder);
  const expected = (path: string) => join(FIXTURE, 'expected', `customer.${path}.txt`);
  const withoutHeader = (text: string) => text.replaceAll(/^(\/\/|#) (Written by|To import|As written).*\n/gm, '');
  await expect(withoutHeader(read('imported.generated.graphql'))).toMatchFileSnapshot(expected('graphql'));
  await expect(withoutHeader(read('imported.generated.ts'))).toMatchFileSnapshot(expected('generated'));
  await expect(read('index.ts')).toMatchFileSnapshot(expected('index'));
  await expect(read('index.test.ts')).toMatchFileSnapshot(expected('test'));
  await expect(read('mock.ts')).toMatchFileSnapshot(expected('mock'));
  expect(announced).toEqual([]);
  expect(read('imported.generated.graphql')).toContain(
    `tributary import 'curl -X GET "https://api.shop.example/v1/customers/{id}?expand={expand}" -H "authorization: …"`,
  );
});

test('a command is sent once, after it was announced, and no secret is announced or written', async () => {
  const backend = await startRecorder(() => ({ id: 7, secret_note: 'canary-answer' }));
  const folder = testFolder(PACKAGE);
  const announced: string[] = [];
  const command = `curl '${backend.url}/customers/7?api_key=canary-query&limit=5' -H 'x-token: canary-header' -u ann:canary-password`;
  const report = await importInto(
    folder,
    command,
    { name: 'shop' },
    { announce: (line) => void announced.push(`${line}\n  before ${backend.requests.length + 1}`) },
  );
  expect(backend.requests).toMatchObject([
    {
      method: 'GET',
      url: '/customers/7?api_key=canary-query&limit=5',
      headers: {
        'x-token': 'canary-header',
        authorization: `Basic ${Buffer.from('ann:canary-password').toString('base64')}`,
      },
    },
  ]);
  expect(announced).toEqual([
    `Sends once: GET ${backend.url}/customers/7?api_key=…&limit=5\n  headers: x-token, authorization\n  before 1`,
  ]);
  expect(`${report}${announced.join()}${allTexts(folder)}`).not.toContain('canary');
  expect(textsOf(folder)('index.ts')).toContain(`    api: rest({
      auth: { apiKey: { query: 'api_key', value: secret('SHOP_API_KEY') } },
      headers: { 'x-token': secret('SHOP_X_TOKEN'), authorization: secret('SHOP_AUTHORIZATION') },
    }),`);
  expect(report).toContain('Set SHOP_API_KEY, SHOP_X_TOKEN, SHOP_AUTHORIZATION to the secrets of the request.');
});

test.each([
  [
    "-d 'amount=100' -d 'items[][price]=p1' --data-urlencode 'note=a b&c'",
    'POST',
    'application/x-www-form-urlencoded',
    'amount=100&items[][price]=p1&note=a%20b%26c',
  ],
  [`--json '{"a":1}'`, 'POST', 'application/json', '{"a":1}'],
  [
    `-X PATCH -H 'content-type: application/merge-patch+json' --data-raw $'{"a":"it\\'s"}'`,
    'PATCH',
    'application/merge-patch+json',
    `{"a":"it's"}`,
  ],
  ["-X PUT -H 'content-type: text/csv' --data-binary @rows.csv", 'PUT', 'text/csv', 'a,b\n1,2\n'],
  ['-d @rows.csv', 'POST', 'application/x-www-form-urlencoded', 'a,b1,2'],
])('%s is sent as curl sends it', async (options, method, type, body) => {
  const backend = await startRecorder(() => ({ id: 7 }));
  const folder = testFolder({ ...PACKAGE, 'rows.csv': 'a,b\n1,2\n' });
  const command = `curl ${backend.url}/orders ${options.replace('@', `@${folder}/`)}`;
  await importInto(folder, command, { name: 'shop' });
  expect(backend.requests).toMatchObject([{ method, body, headers: { 'content-type': type } }]);
});

test('fields and files of -F are sent as multipart/form-data', async () => {
  const backend = await startRecorder(() => ({ id: 7 }));
  const folder = testFolder({ ...PACKAGE, 'front.png': 'PNG' });
  const command = `curl ${backend.url}/photos -F 'photo=@${folder}/front.png;type=image/png' -F title=Front`;
  await importInto(folder, command, { name: 'shop' });
  const [request] = backend.requests;
  expect(request?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
  expect(request?.body).toMatch(
    /name="photo"; filename="front.png"\r\nContent-Type: image\/png\r\n\r\nPNG\r\n[\s\S]*name="title"\r\n\r\nFront\r\n/,
  );
  expect(textsOf(folder)('imported.generated.graphql')).toMatch(
    /createPhoto\(input: CreatePhotoInput!\): Photo\n[\s\S]*input CreatePhotoInput \{\n {2}photo: FileInput\n {2}title: String\n\}/,
  );
});

test.each([
  ['https://a.example/customers/42', { id: 42 }, 'customer(id: ID!): Customer'],
  ['https://a.example/users/octocat', { login: 'octocat' }, 'user(login: String!): User'],
  [
    'https://a.example/repos/nodejs/node',
    { name: 'node', owner: { login: 'nodejs' } },
    'repo(ownerLogin: String!, name: String!): Repo',
  ],
  ['https://a.example/customers/42/orders/1', { id: 1 }, 'customerOrder(customerId: ID!, id: ID!): Order'],
  ['https://a.example/2010-04-01/reports/2024-01-02', { total: 1 }, 'report(reportId: ID!): Report'],
  ['https://a.example/3/movie/550', { id: 550 }, 'movie(id: ID!): Movie'],
  ['https://a.example/status', { isUp: true }, 'status: Status'],
])('%s has arguments', async (url, answer, field) => {
  expect(await sdlOf(`curl ${url}`, answer)).toContain(field);
});

test('the query of -G has arguments with the types of its values', async () => {
  const command =
    'curl -G https://a.example/forecast -d lat=52.5 -d days=3 -d tags=a -d tags=b -d on=2024-01-02 -d zip=01234 -d full=true';
  expect((await sdlOf(command, { a: 1 })).split('\n').slice(0, 10)).toEqual([
    'type Query {',
    '  forecast(',
    '    lat: Float',
    '    days: Int',
    '    tags: [String!]',
    '    on: Date',
    '    zip: String',
    '    full: Boolean',
    '  ): Forecast',
    '}',
  ]);
});

test.each([
  ['curl -X DELETE https://a.example/photos/7', '', 'deletePhoto(photoId: ID!): Boolean'],
  [
    'curl -X PUT https://a.example/photos/7 --data-binary @answer -H "content-type: image/png"',
    '{"id":7}',
    'replacePhoto(id: ID!, input: Base64!): Photo',
  ],
  [
    'curl https://a.example/notes -d "hello" -H "content-type: text/plain"',
    'done',
    'createNote(input: String!): String',
  ],
  ['curl https://a.example/export', Buffer.from([0, 255]).toString('latin1'), 'export: Base64'],
  [
    'curl https://a.example/users?limit=2&offset=4',
    [{ id: 1 }, { id: 2, name: 'Bob' }],
    'users(first: Int, after: String): UserConnection',
  ],
  ['curl https://a.example/users', { data: [{ id: 1 }], meta: { count: 1 } }, '  data: [User!]'],
])('%s becomes a field', async (command, answer, field) => {
  const { folder, answer: file } = answered(answer);
  await importInto(folder, command.replace('@answer', `@${file}`), { name: 'shop', answer: file });
  expect(textsOf(folder)('imported.generated.graphql')).toContain(field);
});

test('a POST that reads is a field of Query with --reads', async () => {
  const { folder, answer } = answered({ hits: [{ id: 1 }] });
  await importInto(folder, `curl https://a.example/search --json '{"q":"x"}'`, {
    name: 'shop',
    answer,
    reads: ['POST /search'],
  });
  expect(textsOf(folder)('imported.generated.graphql')).toContain(
    'type Query {\n  createSearch(input: CreateSearchInput!)',
  );
});

test('a second import shows the changes of the answer, and keeps the lines of the author', async () => {
  const { folder, answer } = answered(readFileSync(CUSTOMER, 'utf8'));
  await importInto(folder, GET_CUSTOMER, { answer });
  const index = join(folder, 'schema/shop/index.ts');
  const edited = `${readFileSync(index, 'utf8')}// mine\n`;
  writeFileSync(index, edited);
  writeFileSync(
    answer,
    readFileSync(answer, 'utf8').replace('"note": null', '"note": "new"').replace('"vip": true', '"rank": 1'),
  );
  const report = await importInto(folder, GET_CUSTOMER, { answer });
  expect(report).toContain(
    [
      'Changes of the graph:',
      '  - Customer.vip: Boolean',
      '  + Customer.rank: Int',
      '  ~ Customer.note: JSON -> String',
    ].join('\n'),
  );
  expect(report).toContain('index.ts: it has lines of your own');
  expect(readFileSync(index, 'utf8')).toBe(edited);
});

test('the report counts one operation in the singular, and sends the tests of another repository there', async () => {
  const { folder, answer } = answered({ id: 7, name: 'Ann' });
  const report = await importInto(folder, 'curl https://a.example/users/7', { name: 'shop', answer });
  expect(report).toContain('1 operation, 1 type, 4 fields and arguments.');
  expect(report).toContain('then run its test: npx vitest run, in the repository of the module');
});

test('another call does not replace a module, and the same one updates it', async () => {
  const { folder, answer } = answered({ id: 7, name: 'Ann' });
  const call = (path: string) => importInto(folder, `curl https://a.example/${path}`, { name: 'shop', answer });
  await call('users/7');
  const before = allTexts(folder);
  await expect(call('orders/7')).rejects.toThrow(
    'schema/shop is imported from GET /users/{id}, and GET /orders/{id} would replace it. Import it under another name',
  );
  expect(allTexts(folder)).toBe(before);
  expect(await call('users/7')).toMatch(/^The graph has not changed\.$/m);
});
