import { expect, test } from 'vitest';
import { introspectionRig } from '../../../test/support/auth/introspection-rig.ts';
import { INTROSPECTED_ISSUER, type IntrospectionServer } from '../../../test/support/auth/introspection-server.ts';
import { AUDIENCE, type Claims } from '../../../test/support/auth/issuer.ts';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { TokenError } from '../tokens/token-fault.ts';
import { IntrospectionResults } from './introspection-results.ts';

const SECOND = 1_000;

const USER = { sub: 'c1', aud: AUDIENCE, scope: 'stock:write orders:read', roles: ['admin'], client_id: 'app' };

const activate = ({ active }: IntrospectionServer, token: string, members: Claims = USER) => active.set(token, members);

test('an opaque token is the principal of its introspection response', async () => {
  const { server, authenticated } = await introspectionRig();
  activate(server, 'opaque', { ...USER, iss: INTROSPECTED_ISSUER, token_type: 'Bearer', order: 9 });
  expect(await authenticated('opaque')).toEqual({
    is: 'authenticated',
    principal: {
      kind: 'user',
      subject: 'c1',
      issuer: INTROSPECTED_ISSUER,
      scopes: ['stock:write', 'orders:read'],
      roles: ['admin'],
      claims: { active: true, ...USER, iss: INTROSPECTED_ISSUER, token_type: 'Bearer', order: 9 },
    },
  });
  const [request] = server.requests;
  expect(Object.fromEntries(request?.parameters ?? [])).toEqual({ token: 'opaque', token_type_hint: 'access_token' });
  // RFC 6749, 2.3.1: both parts are encoded as in a form first.
  expect(Buffer.from(String(request?.headers.authorization).slice(6), 'base64').toString()).toBe(
    'gateway:s%3Aecret%26',
  );
});

test('a token of a client without a user has the client as its subject, which no user can have', async () => {
  const { server, verify } = await introspectionRig();
  activate(server, 'of-client', { aud: AUDIENCE, client_id: 'reports' });
  activate(server, 'of-user', { aud: AUDIENCE, client_id: 'app', sub: 'client:reports' });
  activate(server, 'of-nothing', { aud: AUDIENCE });
  expect(await verify('of-client')).toBe('client:reports');
  expect(await verify('of-user')).toBe('malformed or of an unsupported type');
  expect(await verify('of-nothing')).toBe('malformed or of an unsupported type');
});

test('a JWT of a configured issuer is verified with its keys, valid or not, and never introspected', async () => {
  const { server, issuer, verify } = await introspectionRig();
  expect(await verify(issuer.token())).toBe('c1');
  expect(await verify(issuer.token({ aud: 'warehouse' }))).toBe('wrong audience');
  expect(await verify(issuer.token({}, { alg: 'none' }))).toBe('malformed or of an unsupported type');
  expect(server.requests).toEqual([]);
});

test.each([
  ['a JWT of another issuer', (issued: (claims: Claims) => string) => issued({ iss: 'https://other.example' })],
  ['an encrypted token', () => 'a.b.c.d.e'],
  ['a text', () => 'ref_0-9~+/=='],
])('%s is introspected', async (_title, tokenOf) => {
  const { server, issuer, verify } = await introspectionRig();
  const token = tokenOf((claims) => issuer.token(claims));
  expect(await verify(token)).toBe('not active');
  activate(server, token);
  expect(server.requests).toHaveLength(1);
  expect(issuer.requests).toEqual([]);
});

test('10,000 requests with 100 tokens cost 100 introspections in each ttlMs', async () => {
  const { server, clock, verify } = await introspectionRig({ ttlMs: 30_000 });
  const tokens = Array.from({ length: 100 }, (_, n) => `token-${n}`);
  for (const token of tokens) activate(server, token, { ...USER, sub: token });
  for (const period of [1, 2]) {
    for (let turn = 0; turn < 50; turn += 1) {
      // Two requests for each token at the same time, the first ones included.
      const all = [...tokens, ...tokens];
      expect(await Promise.all(all.map((token) => verify(token)))).toEqual(all);
    }
    expect(server.requests).toHaveLength(100 * period);
    clock.advance(30_000);
  }
});

test('a revoked token is refused within ttlMs of its last introspection', async () => {
  const { server, clock, verify } = await introspectionRig({ ttlMs: 30_000 });
  activate(server, 'opaque');
  expect(await verify('opaque')).toBe('c1');
  server.active.delete('opaque');
  clock.advance(30_000 - 1);
  expect(await verify('opaque')).toBe('c1');
  clock.advance(1);
  expect(await verify('opaque')).toBe('not active');
});

test('the time of a slow introspection counts against ttlMs', async () => {
  const { server, clock, verify } = await introspectionRig({ ttlMs: 5_000 });
  const held: (() => void)[] = [];
  server.answer = (response) => void held.push(() => response.end(JSON.stringify({ active: true, ...USER })));
  const first = verify('opaque');
  await expect.poll(() => held.length, { timeout: 60_000 }).toBe(1);
  clock.advance(4_000);
  held[0]?.();
  expect(await first).toBe('c1');
  server.answer = null;
  clock.advance(1_000);
  expect(await verify('opaque')).toBe('not active');
});

test('a token is not used after its end, even within ttlMs', async () => {
  const { server, clock, verify, nowS } = await introspectionRig({ ttlMs: 3_600_000 });
  activate(server, 'opaque', { ...USER, exp: nowS() + 60 });
  expect(await verify('opaque')).toBe('c1');
  clock.advance(60 * SECOND - 1);
  expect(await verify('opaque')).toBe('c1');
  clock.advance(1);
  expect(await verify('opaque')).toBe('expired');
});

test.each([
  ['another audience', { aud: 'warehouse' }, 'wrong audience'],
  ['a list of other audiences', { aud: ['warehouse', 'billing'] }, 'wrong audience'],
  ['an audience with the configured one as prefix', { aud: `${AUDIENCE}-admin` }, 'wrong audience'],
  ['no audience', { aud: undefined }, 'wrong audience'],
  ['another issuer', { iss: 'https://evil.example' }, 'unknown issuer'],
  ['an issuer with a slash', { iss: `${INTROSPECTED_ISSUER}/` }, 'unknown issuer'],
  ['the end in the past', { exp: 1 }, 'expired'],
  ['an end in milliseconds', { exp: 1.8e12 }, 'malformed or of an unsupported type'],
  ['an end as text', { exp: '4000000000' }, 'malformed or of an unsupported type'],
  ['a beginning in the future', { nbf: 4e9 }, 'not valid yet'],
  ['an issue in the future', { iat: 4e9 }, 'not valid yet'],
  ['a subject with a line break', { sub: 'c1\r\nx: 1' }, 'malformed or of an unsupported type'],
  ['an empty subject', { sub: '' }, 'malformed or of an unsupported type'],
  ['a subject that is null', { sub: null }, 'malformed or of an unsupported type'],
  ['a refresh token', { token_type: 'refresh_token' }, 'malformed or of an unsupported type'],
  ['a key of an unknown kind', { cnf: { kid: 'k1' } }, 'bound to a key in an unsupported way'],
  ['the type DPoP and no key', { token_type: 'DPoP' }, 'bound to a key in an unsupported way'],
  [
    'the type dpop and a certificate only',
    { token_type: 'dpop', cnf: { 'x5t#S256': 'A'.repeat(43) } },
    'bound to a key in an unsupported way',
  ],
  [
    'the type DPoP and a key, without a proof',
    { token_type: 'DPoP', cnf: { jkt: 'A'.repeat(43) } },
    'bound to a key, and must be sent with DPoP',
  ],
])('an active token with %s is refused', async (_title, members, message) => {
  const { server, verify } = await introspectionRig();
  activate(server, 'opaque', { ...USER, ...members });
  expect(await verify('opaque')).toBe(message);
});

test('without a required audience, a token needs a type, which a refresh token does not have', async () => {
  const { server, verify } = await introspectionRig({ audience: null });
  activate(server, 'access', { sub: 'c1', token_type: 'bearer' });
  activate(server, 'refresh', { sub: 'c1' });
  expect([await verify('access'), await verify('refresh')]).toEqual(['c1', 'malformed or of an unsupported type']);
});

test('a rejected token is kept for 5 seconds, and introspected once', async () => {
  const { server, clock, verify } = await introspectionRig();
  const garbage = await Promise.all(Array.from({ length: 90 }, () => verify('garbage')));
  expect(new Set(garbage)).toEqual(new Set(['not active']));
  expect(server.requests).toHaveLength(1);
  activate(server, 'garbage');
  clock.advance(5_000 - 1);
  expect(await verify('garbage')).toBe('not active');
  clock.advance(1);
  expect(await verify('garbage')).toBe('c1');
  expect(server.requests).toHaveLength(2);
});

test('no number of rejected tokens evicts a valid one', () => {
  const clock = manualClock();
  const results = new IntrospectionResults(30_000, clock, clock.wallTime);
  const principal = { kind: 'user', subject: 'c1', issuer: 'i', scopes: [], roles: [] } as const;
  const token = { principal, confirmation: null, expiresAt: Number.POSITIVE_INFINITY };
  results.keep('valid', token, clock.now(), 200);
  for (let n = 0; n < 20_000; n += 1) results.reject(`garbage-${n}`, new TokenError('inactive', ''), clock.now());
  expect(results.find('valid')).toMatchObject({ principal });
  expect([results.rejection('garbage-0'), results.rejection('garbage-19999')]).toMatchObject([
    null,
    { fault: 'inactive' },
  ]);
});

test('valid tokens take 16 MiB at most', () => {
  const clock = manualClock();
  const results = new IntrospectionResults(30_000, clock, clock.wallTime);
  const principal = { kind: 'user', subject: 'c1', issuer: 'i', scopes: [], roles: [] } as const;
  const token = { principal, confirmation: null, expiresAt: Number.POSITIVE_INFINITY };
  // Responses of 64 KiB, of which each takes half a MiB.
  for (let n = 0; n < 64; n += 1) results.keep(`token-${n}`, token, clock.now(), 65_536);
  const kept = Array.from({ length: 64 }, (_, n) => results.find(`token-${n}`)).filter((one) => one !== null);
  expect(kept).toHaveLength(31);
});
