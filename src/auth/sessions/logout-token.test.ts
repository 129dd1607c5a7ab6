import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, expect, test } from 'vitest';
import { verifyLogoutToken } from './logout-token.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const NOW_S = NOW / 1_000;
const CLIENT = { issuer: 'https://id.example', clientId: 'shop' };
const VALID = {
  ...{ iss: CLIENT.issuer, aud: CLIENT.clientId, iat: NOW_S, exp: NOW_S + 120, jti: 'j1', sub: 'c1', sid: 's1' },
  events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
};

let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let jwks: ReturnType<typeof createLocalJWKSet>;
beforeAll(async () => {
  keys = await generateKeyPair('ES256');
  jwks = createLocalJWKSet({ keys: [{ ...(await exportJWK(keys.publicKey)), alg: 'ES256' }] });
});

const verified = async (claims: Readonly<Record<string, unknown>>, typ?: string) => {
  const header = { alg: 'ES256', ...(typ !== undefined && { typ }) };
  const token = await new SignJWT({ ...claims }).setProtectedHeader(header).sign(keys.privateKey);
  return verifyLogoutToken(token, jwks, CLIENT, NOW);
};

test.each(['logout+jwt', 'application/logout+jwt', 'JWT', undefined])(
  'a logout token of typ %s is accepted',
  async (typ) => {
    expect(await verified(VALID, typ)).toEqual({ jti: 'j1', exp: NOW_S + 120, subject: 'c1', sid: 's1' });
  },
);

// OpenID Connect Back-Channel Logout 1.0, 2.4 and 2.6.
test.each<[what: string, claims: Readonly<Record<string, unknown>>, typ?: string]>([
  ['of another issuer', { ...VALID, iss: 'https://evil.example' }],
  ['for another client', { ...VALID, aud: 'other' }],
  ['without an audience', { ...VALID, aud: undefined }],
  ['that has expired', { ...VALID, exp: NOW_S - 31 }],
  ['without an end', { ...VALID, exp: undefined }],
  ['that is eleven minutes old', { ...VALID, iat: NOW_S - 660 }],
  ['without the time of its issue', { ...VALID, iat: undefined }],
  ['of the future', { ...VALID, iat: NOW_S + 60 }],
  ['without an id', { ...VALID, jti: undefined }],
  ['without the event', { ...VALID, events: undefined }],
  ['with another event', { ...VALID, events: { 'https://id.example/event': {} } }],
  ['with a nonce, as ID tokens have', { ...VALID, nonce: 'n' }],
  ['that names no session and no user', { ...VALID, sub: undefined, sid: undefined }],
  ['that is an access token', VALID, 'at+jwt'],
  ['that is too long', { ...VALID, more: 'x'.repeat(16_384) }],
])('a logout token %s is refused', async (_what, claims, typ = 'logout+jwt') => {
  await expect(verified(claims, typ)).rejects.toThrow(Error);
});
