import { expect, test } from 'vitest';
import { type ExchangeServer, exchangeServer } from '../support/backends/exchange-server.ts';
import { tokenGateway } from '../support/gateway/token-gateway.ts';
import { EXCHANGE_ENV, exchanged, Notes, notesBackend, notesWith } from '../support/modules/notes-module.ts';

const exchangeRig = async (more: object = {}, refuses?: (token: string) => boolean) => {
  const server = await exchangeServer();
  const backend = await notesBackend(refuses);
  const env = { ...EXCHANGE_ENV, NOTES_API_ENDPOINTS: backend.url };
  const gateway = await tokenGateway([notesWith(exchanged(server.url, more))], env);
  return { server, backend, gateway };
};

const subjects = ({ requests }: ExchangeServer) => requests.map((one) => one.get('subject_token'));

test('the token request has the form of RFC 8693, and the backend receives the issued token only', async () => {
  const { server, backend, gateway } = await exchangeRig({
    ...{ audience: ['notes', 'archive'], resource: ['https://notes.example'], scopes: ['read', 'list'] },
    authMethod: 'post',
  });
  expect((await gateway.query('{ notes { id } }', 'ann')).codes).toEqual([]);
  const [parameters] = server.requests;
  expect([...(parameters ?? [])].sort()).toEqual(
    [
      ['grant_type', 'urn:ietf:params:oauth:grant-type:token-exchange'],
      ['subject_token', 'ann'],
      ['subject_token_type', 'urn:ietf:params:oauth:token-type:access_token'],
      ['requested_token_type', 'urn:ietf:params:oauth:token-type:access_token'],
      ['audience', 'notes'],
      ['audience', 'archive'],
      ['resource', 'https://notes.example'],
      ['scope', 'read list'],
      ['client_id', 'shop'],
      ['client_secret', 's3cret'],
    ].sort(),
  );
  expect(backend.received).toEqual(['ann-for-notes-archive']);
});

test('600 concurrent requests of three callers are three exchanges, and none has data of another', async () => {
  const { server, backend, gateway } = await exchangeRig();
  const callers = ['ann', 'bob', 'cleo'];
  const answers = await Promise.all(
    Array.from({ length: 200 }, () =>
      callers.map(async (caller) => ({
        caller,
        ...(await gateway.query('{ notes { reader again kept } cached { kept } }', caller)),
      })),
    ).flat(),
  );
  for (const { caller, data, codes } of answers) {
    const reader = `${caller}-for-notes`;
    expect(codes).toEqual([]);
    expect(data).toEqual({
      notes: Array.from({ length: 2 }, () => ({ reader, again: reader, kept: reader })),
      cached: [{ kept: reader }],
    });
  }
  expect(subjects(server).sort()).toEqual(callers);
  expect(new Set(backend.received)).toEqual(new Set(callers.map((caller) => `${caller}-for-notes`)));
});

test('two tokens of one principal share no call, no cached value, no stored answer and no exchange', async () => {
  const { server, gateway } = await exchangeRig();
  const read = async (token: string) => {
    const { data } = await gateway.query('{ notes { reader } cached { kept } }', token);
    const stored = await fetch(`${gateway.origin}/stored`, { headers: { authorization: `Bearer ${token}` } });
    return [data.notes[0].reader, data.cached[0].kept, Notes.parse(await stored.json())[0]?.reader];
  };
  const tokens = ['ann.1', 'ann.2'];
  for (let times = 0; times < 2; times += 1)
    for (const [at, seen] of (await Promise.all(tokens.map(read))).entries())
      expect(seen).toEqual(Array.from({ length: 3 }, () => `${tokens[at]}-for-notes`));
  expect(subjects(server).sort()).toEqual(tokens);
});

test('routes send the issued token, and store answers for its caller only', async () => {
  const { backend, gateway } = await exchangeRig();
  const read = async (path: string, token: string) => {
    const response = await fetch(gateway.origin + path, { headers: { authorization: `Bearer ${token}` } });
    return Notes.parse(await response.json())[0]?.reader;
  };
  for (const path of ['/notes', '/stored', '/stored'])
    for (const token of ['ann', 'bob']) expect(await read(path, token)).toBe(`${token}-for-notes`);
  await expect
    .poll(async () => {
      const before = backend.received.length;
      await read('/stored', 'ann');
      return backend.received.length - before;
    })
    .toBe(0);
  const response = await fetch(`${gateway.origin}/stored`);
  expect([response.status, await response.json()]).toMatchObject([401, { code: 'UNAUTHENTICATED' }]);
});

test('answers of a route with an exchanged token are for no shared cache, not even those to an anonymous caller', async () => {
  const { gateway } = await exchangeRig({ withoutIdentity: 'send' });
  for (const path of ['/notes', '/stored']) {
    const { status, headers } = await fetch(gateway.origin + path);
    expect([status, headers.get('cache-control'), headers.get('vary')]).toEqual([
      200,
      'private, max-age=600',
      expect.stringMatching(/authorization/i),
    ]);
  }
});

test('an anonymous caller is UNAUTHENTICATED by default, without a request to server or backend', async () => {
  const { server, backend, gateway } = await exchangeRig();
  expect((await gateway.query('{ notes { id } }')).codes).toEqual(['UNAUTHENTICATED']);
  expect([server.requests, backend.received]).toEqual([[], []]);
});

test('an anonymous caller has no token with withoutIdentity: send', async () => {
  const { server, gateway } = await exchangeRig({ withoutIdentity: 'send' });
  const [anonymous, ann] = await Promise.all(
    [null, 'ann'].map((token) => gateway.query('{ notes { reader } }', token)),
  );
  expect([anonymous?.data.notes[0].reader, ann?.data.notes[0].reader]).toEqual(['none', 'ann-for-notes']);
  expect(subjects(server)).toEqual(['ann']);
});

test('a caller that the server refuses is FORBIDDEN, and other callers are served', async () => {
  const { server, backend, gateway } = await exchangeRig();
  server.refused.add('mallory');
  const [refused, served] = await Promise.all(
    ['mallory', 'ann'].map((token) => gateway.query('{ notes { id } }', token)),
  );
  expect([refused?.codes, served?.codes]).toEqual([['FORBIDDEN'], []]);
  expect(refused?.text).not.toMatch(/invalid_grant|notes-|token/);
  expect(backend.received).toEqual(['ann-for-notes']);
});

test('without the server known callers are served, and others are SERVICE_UNAVAILABLE', async () => {
  const { server, gateway } = await exchangeRig();
  await gateway.query('{ notes { id } }', 'ann');
  server.answer = (response) => response.writeHead(503).end();
  const [ann, bob] = await Promise.all(['ann', 'bob'].map((token) => gateway.query('{ notes { id } }', token)));
  expect([ann?.codes, bob?.codes]).toEqual([[], ['SERVICE_UNAVAILABLE']]);
  expect(server.requests).toHaveLength(2);
});

test.each([
  ['another type of token', { issued_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }],
  ['no type', { issued_token_type: undefined }],
  ['a token that is not for Authorization', { token_type: 'N_A' }],
  ['a token bound to a key', { token_type: 'DPoP' }],
  ['a token that cannot be in a header', { access_token: 'a\r\nx-admin: 1' }],
  ['no token', { access_token: '' }],
])('an answer with %s is not used', async (_what, granted) => {
  const { server, backend, gateway } = await exchangeRig();
  server.granted = granted;
  expect((await gateway.query('{ notes { id } }', 'ann')).codes).toEqual(['SERVICE_UNAVAILABLE']);
  expect(backend.received).toEqual([]);
});

test('a 401 of the backend renews the token once and sends a read again; the last 401 is UPSTREAM_ERROR', async () => {
  const isRefused = { all: false };
  const { server, backend, gateway } = await exchangeRig({}, (token) => isRefused.all || token === 'ann-for-notes');
  let issued = 0;
  server.answer = (response) => {
    issued += 1;
    const token = { access_token: issued === 1 ? 'ann-for-notes' : `new${issued}`, token_type: 'Bearer' };
    const type = 'urn:ietf:params:oauth:token-type:access_token';
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ ...token, issued_token_type: type, expires_in: 600 }));
  };
  expect((await gateway.query('{ notes { reader } }', 'ann')).data.notes[0].reader).toBe('new2');
  isRefused.all = true;
  expect((await gateway.query('{ notes { reader } }', 'ann')).codes).toEqual(['UPSTREAM_ERROR']);
  expect([issued, backend.received]).toEqual([2, ['ann-for-notes', 'new2', 'new2']]);
});
