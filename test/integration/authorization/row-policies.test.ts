import { signedIn } from 'tributary/testing';
import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../../src/core/errors.ts';
import { manualClock } from '../../support/clock/manual-clock.ts';
import { EXECUTIONS } from '../../support/gateway/executed.ts';
import { DOCUMENTS, failing, TEAMS, teamsGateway } from './teams-modules.ts';

const member = signedIn({ subject: 'u1' });

const codesOf = (errors: readonly { readonly extensions?: Readonly<Record<string, unknown>> }[]) => [
  ...new Set(errors.map(({ extensions }) => extensions?.code)),
];

describe.each(EXECUTIONS)('%s execution', (execution) => {
  const gateway = (more: Partial<Parameters<typeof teamsGateway>[0]> = {}) => teamsGateway({ execution, ...more });

  test('a policy of 500 rows makes one call, and nothing is fetched for the refused rows', async () => {
    const { query, calls } = gateway();
    const { data, errors } = await query('{ documents { id body } }', { principal: member });
    expect(calls.map(({ route, ids }) => [route, ids.length])).toEqual([
      ['GET /members', TEAMS],
      ['GET /bodies', DOCUMENTS / 2],
    ]);
    expect(errors).toHaveLength(DOCUMENTS / 2);
    expect(codesOf(errors)).toEqual(['FORBIDDEN']);
    expect(errors[0]?.path).toEqual(['documents', 1, 'body']);
    expect(data.documents.slice(0, 3)).toEqual([
      { id: 'd0', body: 'body of d0' },
      { id: 'd1', body: null },
      { id: 'd2', body: 'body of d2' },
    ]);
  });

  test('several fields, aliases and fragments under one policy share the call', async () => {
    const { query, calls } = gateway();
    const { errors } = await query(
      '{ documents { a: body ...F inner { text } } } fragment F on Document { ... { b: body size } }',
      { principal: member },
    );
    expect(calls.filter(({ route }) => route === 'GET /members')).toHaveLength(1);
    expect(errors).toHaveLength(4 * (DOCUMENTS / 2));
  });

  test('rows behind an interface, a union and a mutation are decided on', async () => {
    const { query } = gateway();
    const found = await query('{ found { ... on Document { body } } listed { title ... on Document { body } } }', {
      principal: member,
    });
    expect(found.data).toEqual({ found: [{}, { body: 'body of d0' }], listed: [{ title: 'Document 1', body: null }] });
    expect(found.errors.map(({ path }) => path)).toEqual([['listed', 0, 'body']]);
    expect((await query('mutation { touch { body } }')).errors[0]).toMatchObject({
      path: ['touch', 'body'],
      extensions: { code: 'UNAUTHENTICATED' },
    });
  });

  test('a role that admits, or is missing next to the policy, saves the call', async () => {
    const { query, calls } = gateway();
    const admin = await query('{ documents { body } }', { principal: signedIn({ roles: ['admin'] }) });
    expect(admin.errors).toEqual([]);
    const other = await query('{ documents { secret } }', { principal: member });
    expect(codesOf(other.errors)).toEqual(['FORBIDDEN']);
    expect(calls.map(({ route }) => route)).toEqual(['GET /bodies']);
    const keeper = await query('{ documents { secret } }', {
      principal: signedIn({ subject: 'u1', roles: ['keeper'] }),
    });
    expect(keeper.errors).toHaveLength(DOCUMENTS / 2);
  });

  test('a policy with clients is called once for all rows, and decides before the policy of rows', async () => {
    const { query, calls } = gateway();
    const boss = await query('{ documents { size } internal }', { principal: signedIn({ subject: 'boss' }) });
    expect([boss.errors, boss.data.internal]).toEqual([[], 'internal']);
    expect(calls.map(({ route }) => route)).toEqual(['GET /staff', 'GET /staff']);
    expect((await query('{ internal }')).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });

  test('a computed field has the policy of what it reads, on rows with what the policy needs', async () => {
    const { query } = gateway();
    const { data, errors } = await query(
      '{ listed { ... on Document { summary } } found { ... on Document { summary } } }',
      {
        principal: member,
      },
    );
    expect(data.found[1]).toEqual({ summary: 'summary of body of d0' });
    expect(errors).toMatchObject([{ path: ['listed', 0, 'summary'], extensions: { code: 'FORBIDDEN' } }]);
  });

  test.each([
    ['SERVICE_UNAVAILABLE', 'SERVICE_UNAVAILABLE'],
    ['TIMEOUT', 'TIMEOUT'],
    ['NOT_FOUND', 'FORBIDDEN'],
  ] as const)('a backend of the policy that answers %s refuses every row with %s', async (fails, code) => {
    const { query, calls } = gateway({ answer: failing(fails) });
    const { data, errors } = await query('{ documents { title body } }', { principal: member });
    expect(errors).toHaveLength(DOCUMENTS);
    expect(codesOf(errors)).toEqual([code]);
    expect(data.documents[0]).toEqual({ title: 'Document 0', body: null });
    expect(calls.map(({ route }) => route)).toEqual(['GET /members']);
  });

  test('a list that admits outweighs a policy that fails', async () => {
    const { query } = gateway({ answer: failing('SERVICE_UNAVAILABLE', 'GET /staff') });
    const { errors } = await query('{ documents { size } }', { principal: member });
    expect(errors).toHaveLength(DOCUMENTS / 2);
    expect(codesOf(errors)).toEqual(['SERVICE_UNAVAILABLE']);
  });

  test('a row without the needed property is refused', async () => {
    const { query, calls } = gateway();
    const { data, errors } = await query('{ broken { title inner { text } } }', { principal: member });
    expect(data).toEqual({ broken: { title: 'without a team', inner: null } });
    expect(codesOf(errors)).toEqual(['INTERNAL_SERVER_ERROR']);
    expect(calls).toEqual([]);
  });

  test('only admitted rows count against a rate limit', async () => {
    const { query } = gateway();
    const { errors } = await query('{ documents { counted } }', { principal: member });
    const of = (code: string) => errors.filter(({ extensions }) => extensions?.code === code).length;
    expect([of('FORBIDDEN'), of('RATE_LIMITED')]).toEqual([DOCUMENTS / 2, DOCUMENTS / 2 - 12]);
  });

  test('concurrent callers share neither decisions nor calls', async () => {
    const { query, calls } = gateway();
    const document = '{ listed { ... on Document { inner { text } } } found { ... on Document { inner { text } } } }';
    const [mine, other, again] = await Promise.all([
      query(document, { principal: member }),
      query(document, { principal: signedIn({ subject: 'u2' }) }),
      query(document, { principal: member }),
    ]);
    expect([mine, other, again].map(({ errors }) => errors.length)).toEqual([1, 2, 1]);
    expect(calls).toHaveLength(3);
  });

  test('the deadline ends a policy that waits', async () => {
    const clock = manualClock();
    const aborted = new AbortController();
    const { query } = gateway({
      clock,
      answer: ({ call }) =>
        new Promise((_resolve, reject) => {
          call.signal.addEventListener('abort', () => reject(call.signal.reason));
        }),
    });
    const answer = query('{ found { ... on Document { body } } }', {
      principal: member,
      deadline: 1_000,
      signal: aborted.signal,
    });
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1_000);
    aborted.abort(new GatewayError('TIMEOUT', 'too slow'));
    const { data, errors } = await answer;
    expect(JSON.stringify(data)).not.toContain('body of');
    expect(codesOf(errors)).toEqual(['TIMEOUT']);
  });
});

test('compare mode finds no difference of the two executions', async () => {
  const { query, differences } = teamsGateway({ execution: 'compare' });
  await query('{ documents { body size inner { text } } found { ... on Document { summary } } }', {
    principal: member,
  });
  expect(differences).toEqual([]);
});
