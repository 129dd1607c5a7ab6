import { expect, test } from 'vitest';
import codeHosting from '../../../examples/code-hosting/index.ts';
import { startCodeHosting } from '../../../examples/code-hosting/mock.ts';
import { startGateway } from '../../support/gateway/gateway.ts';

const start = async () => {
  const mock = await startCodeHosting('token');
  const env = { CODE_HOSTING_API_ENDPOINTS: mock.url, CODE_HOSTING_TOKEN: 'token' };
  const gateway = await startGateway(env, [codeHosting]);
  return {
    mock,
    run: async (document: string, variables = {}) => {
      const { data, errors } = await gateway.query(document, variables, { authorization: 'Bearer maintainer' });
      // biome-ignore lint/suspicious/noExplicitAny: only the test knows the operation
      return (errors.length > 0 ? errors.map(({ extensions }) => extensions) : data) as any;
    },
    [Symbol.asyncDispose]: async () => {
      await gateway[Symbol.asyncDispose]();
      await mock[Symbol.asyncDispose]();
    },
  };
};

const THREADS = `query ($name: String!, $first: Int, $after: String) { repository(owner: "ada", name: $name) {
  fullName url threads(first: $first, after: $after) {
    nodes { __typename number url author { login url } ... on PullRequest { isDraft } } pageInfo { hasNextPage endCursor }
  } } }`;

test('a renamed repository is found by its former name, and its list has every row once, in pages of changing size', async () => {
  await using hosting = await start();
  const { repository } = await hosting.run(THREADS, { name: 'machine', first: 2 });
  expect(repository).toMatchObject({ fullName: 'ada/engine', url: 'https://hosting.example/ada/engine' });
  expect(repository.threads.nodes).toEqual([
    {
      __typename: 'Issue',
      number: 7,
      url: 'https://hosting.example/ada/engine/issues/7',
      author: { login: 'ada', url: 'https://hosting.example/ada' },
    },
    expect.objectContaining({ __typename: 'PullRequest', number: 6, isDraft: false }),
  ]);
  const after = repository.threads.pageInfo.endCursor;
  const { repository: rest } = await hosting.run(THREADS, { name: 'engine', first: 5, after });
  expect(rest.threads.nodes.map(({ number }: { number: number }) => number)).toEqual([5, 4, 3, 2]);
  expect(rest.threads.pageInfo.hasNextPage).toBe(false);
  expect(hosting.mock.calls).toEqual([
    'GET /repos/ada/machine',
    'GET /repositories/7',
    'GET /repositories/7/issues?state=open&per_page=2',
    'GET /repos/ada/engine',
    'GET /repositories/7/issues?state=open&per_page=2&page=2',
    'GET /repositories/7/issues?state=open&per_page=2&page=3',
  ]);
  expect(await hosting.run(THREADS, { name: 'none' })).toEqual({ repository: null });
});

test('a diff is the text of its media type', async () => {
  await using hosting = await start();
  const { repository } = await hosting.run(`{ repository(owner: "ada", name: "engine") { threads(first: 2) {
    nodes { ... on PullRequest { diff } } } } }`);
  expect(repository.threads.nodes).toEqual([{}, { diff: 'diff --git a/x b/x\n' }]);
});

const UPDATE = `mutation ($version: String!, $description: String) {
  updateRepository(input: { id: "7", version: $version, description: $description }) { description version } }`;

const IS_CURRENT = 'query ($version: String!) { isCurrent(id: "7", version: $version) }';

test('the second write of one version is CONFLICT, and a rejected field is named', async () => {
  await using hosting = await start();
  const { repository } = await hosting.run('{ repository(owner: "ada", name: "engine") { version } }');
  expect(await hosting.run(IS_CURRENT, repository)).toEqual({ isCurrent: true });
  const written = await hosting.run(UPDATE, { version: repository.version, description: 'Better.' });
  expect(written.updateRepository.description).toBe('Better.');
  expect(await hosting.run(UPDATE, { version: repository.version, description: 'Other.' })).toMatchObject([
    { code: 'CONFLICT' },
  ]);
  expect(await hosting.run(IS_CURRENT, repository)).toEqual({ isCurrent: false });
  const { version } = written.updateRepository;
  expect(await hosting.run(UPDATE, { version, description: 'x'.repeat(101) })).toMatchObject([
    {
      code: 'BAD_USER_INPUT',
      details: {
        problem: 'invalid',
        violations: [{ field: 'description', message: 'Invalid value.', code: 'invalid' }],
      },
    },
  ]);
});

test.each([
  ['a used-up quota', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '60' }],
  ['a Retry-After', { 'retry-after': '60' }],
])('a 403 with %s is RATE_LIMITED with the wait', async (_what, headers) => {
  await using hosting = await start();
  hosting.mock.limitOnce(headers);
  expect(await hosting.run('{ repository(owner: "ada", name: "engine") { id } }')).toMatchObject([
    { code: 'RATE_LIMITED', details: { retryAfter: 60 } },
  ]);
  expect(hosting.mock.calls).toHaveLength(1);
});
