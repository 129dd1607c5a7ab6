import { reply, type ScriptedRequest, scripted, signedIn, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import codeHosting from './index.ts';

const repository = {
  id: 7,
  full_name: 'ada/engine',
  description: null,
  url: 'https://api.hosting.example/repositories/7',
  html_url: 'https://hosting.example/ada/engine',
  stargazers_count: 12,
};
const thread = (number: number) => ({
  number,
  title: `Thread ${number}`,
  state: 'open',
  html_url: `https://hosting.example/ada/engine/${number}`,
  user: null,
});
const found = reply({ status: 200, headers: { etag: '"v1"' }, body: repository });

test('a repository has its page on the web, not that of the API, and its ETag as version', async () => {
  const sent: ScriptedRequest[] = [];
  const api = scripted().get('/repos/{owner}/{name}', (request) => {
    sent.push(request);
    return found;
  });
  const { query } = testBackend(codeHosting, { api });
  const { data } = await query('{ repository(owner: "ada", name: "engine") { id fullName url stars version } }');
  expect(data.repository).toEqual({
    id: '7',
    fullName: 'ada/engine',
    url: 'https://hosting.example/ada/engine',
    stars: 12,
    version: '"v1"',
  });
  expect(sent[0]?.headers).toMatchObject({ accept: 'application/vnd.github+json', 'user-agent': 'shop' });
});

test('issues and pull requests are rows of one list: a page costs one call, each diff one more', async () => {
  const api = scripted()
    .get('/repos/{owner}/{name}', found)
    .get('/repositories/{id}/issues', [thread(2), { ...thread(1), draft: true, pull_request: {} }])
    .get('/repositories/{id}/pulls/{number}', ({ path, headers }) => `${path} as ${headers.accept}`);
  const gateway = testBackend(codeHosting, { api });
  const { data } = await gateway.query(`{ repository(owner: "ada", name: "engine") { threads {
    nodes { __typename number ... on PullRequest { isDraft diff } } pageInfo { hasNextPage } } } }`);
  expect(data.repository.threads).toEqual({
    nodes: [
      { __typename: 'Issue', number: 2 },
      {
        __typename: 'PullRequest',
        number: 1,
        isDraft: true,
        diff: '/repositories/7/pulls/1 as application/vnd.github.diff',
      },
    ],
    pageInfo: { hasNextPage: false },
  });
  expect(gateway.calls).toEqual([
    'code-hosting.api GET /repos/{owner}/{name}',
    'code-hosting.api GET /repositories/{id}/issues',
    'code-hosting.api GET /repositories/{id}/pulls/{number}',
  ]);
});

test.each([
  [304, true],
  [200, false],
])('a %s to If-None-Match: the version is current is %s, for one call', async (status, isCurrent) => {
  const api = scripted().head('/repositories/{id}', ({ headers }) =>
    reply({ status: headers['if-none-match'] === '"v1"' ? status : 500 }),
  );
  const gateway = testBackend(codeHosting, { api });
  const document = 'query ($version: String!) { isCurrent(id: "7", version: $version) }';
  expect((await gateway.query(document, { version: '"v1"' })).data).toEqual({ isCurrent });
  expect(gateway.calls).toHaveLength(1);
});

const update = `mutation ($version: String!) {
  updateRepository(input: { id: "7", version: $version, description: "New" }) { description version } }`;
const principal = signedIn({ roles: ['maintainer'] });

test('a write has the version as If-Match, and the response has the next version', async () => {
  const sent: ScriptedRequest[] = [];
  const api = scripted().patch('/repositories/{id}', (request) => {
    sent.push(request);
    return reply({ status: 200, headers: { etag: '"v2"' }, body: { ...repository, description: 'New' } });
  });
  const { data } = await testBackend(codeHosting, { api }, { principal }).query(update, { version: '"v1"' });
  expect(data.updateRepository).toEqual({ description: 'New', version: '"v2"' });
  expect([sent[0]?.headers['if-match'], sent[0]?.body]).toEqual(['"v1"', { description: 'New' }]);
});

test('a write of an old version is CONFLICT, and one with a line end in the version is not sent', async () => {
  const api = scripted().patch('/repositories/{id}', reply({ status: 412 }));
  const gateway = testBackend(codeHosting, { api }, { principal });
  expect((await gateway.query(update, { version: '"v0"' })).errors).toMatchObject([
    { extensions: { code: 'CONFLICT' } },
  ]);
  expect((await gateway.query(update, { version: '"v0"\r\na: b' })).errors).toMatchObject([
    { extensions: { code: 'BAD_USER_INPUT' } },
  ]);
  expect(gateway.calls).toHaveLength(1);
});

test('a write without the role costs no call', async () => {
  const gateway = testBackend(codeHosting, {}, { principal: signedIn() });
  expect((await gateway.query(update, { version: '"v1"' })).errors).toMatchObject([
    { extensions: { code: 'FORBIDDEN' } },
  ]);
  expect(gateway.calls).toEqual([]);
});
