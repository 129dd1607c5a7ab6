import { generateKeyPairSync } from 'node:crypto';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import type { Principal, User } from '../../request/principal.ts';
import { InternalTokenIssuer } from './internal-token-issuer.ts';
import { publishedSet, readSigningKeys } from './signing-keys.ts';

const PKCS8 = { type: 'pkcs8', format: 'pem' } as const;
const ed25519 = (): string => generateKeyPairSync('ed25519').privateKey.export(PKCS8).toString();
const ec = (namedCurve: string): string =>
  generateKeyPairSync('ec', { namedCurve }).privateKey.export(PKCS8).toString();

const ANN: User = {
  ...{ kind: 'user', subject: 'ann', issuer: 'https://id.example', scopes: ['a', 'b'], roles: ['admin'] },
  claims: { email: 'ann@shop.example' },
};
const CERTIFICATE: Principal = {
  ...{ kind: 'certificate', subject: 'CN=billing', issuer: 'CN=ca', names: ['DNS:billing'], scopes: [], roles: [] },
};
const ISSUER = 'https://gateway.shop.internal';
const FOREVER = Number.POSITIVE_INFINITY;

const rig = async (pem = ed25519()) => {
  const state = { now: 1_700_000_000_000, keys: await readSigningKeys(pem) };
  const issuer = new InternalTokenIssuer({ issuer: ISSUER, keys: () => state.keys, wallTime: () => state.now });
  const verified = async (token: string, audience: string) => {
    const keys = createLocalJWKSet(JSON.parse(publishedSet(state.keys)));
    const { payload } = await jwtVerify(token, keys, { issuer: ISSUER, audience, currentDate: new Date(state.now) });
    return payload;
  };
  return { state, issuer, verified };
};

test.each([
  ['Ed25519', ed25519(), 'EdDSA'],
  ['P-256', ec('P-256'), 'ES256'],
])('a key of %s signs a token that the published keys verify', async (_type, pem, alg) => {
  const { issuer, verified, state } = await rig(pem);
  const token = await issuer.issue(ANN, 'shop.stock', FOREVER);
  expect(decodeProtectedHeader(token)).toEqual({ alg, typ: 'JWT', kid: state.keys.first.id });
  const { jti, ...claims } = await verified(token, 'shop.stock');
  expect(jti).toMatch(/^[\da-f-]{36}$/);
  expect(claims).toEqual({
    ...{ iss: ISSUER, sub: 'ann', aud: 'shop.stock', iat: 1_700_000_000, exp: 1_700_000_060 },
    ...{ kind: 'user', scope: 'a b', roles: ['admin'] },
    sub_id: { format: 'iss_sub', iss: 'https://id.example', sub: 'ann' },
  });
  expect(publishedSet(state.keys)).not.toContain('"d"');
});

test('a certificate is a subject with its names', async () => {
  const { issuer, verified } = await rig();
  expect(await verified(await issuer.issue(CERTIFICATE, 'a', FOREVER), 'a')).toMatchObject({
    ...{ kind: 'certificate', sub: 'CN=billing', names: ['DNS:billing'] },
  });
});

test('a token is signed once for each principal and audience in 30 seconds', async () => {
  const { issuer, state } = await rig();
  const first = issuer.issue(ANN, 'a', FOREVER);
  expect(await issuer.issue(ANN, 'a', FOREVER)).toBe(await first);
  state.now += 29_999;
  expect(issuer.issue({ ...ANN, claims: { email: 'other' } }, 'a', FOREVER)).toBe(await first);
  for (const [principal, audience] of [
    [{ ...ANN, subject: 'bob' }, 'a'],
    [{ ...ANN, issuer: 'https://b.example' }, 'a'],
    [{ ...ANN, roles: [] }, 'a'],
    [{ ...ANN, scopes: ['a'] }, 'a'],
    [ANN, 'b'],
  ] as const)
    expect(await issuer.issue(principal, audience, FOREVER)).not.toBe(await first);
  state.now += 1;
  expect(await issuer.issue(ANN, 'a', FOREVER)).not.toBe(await first);
});

test('a token ends with that of the caller, also if one with a later end is kept', async () => {
  const { issuer, state } = await rig();
  await issuer.issue(ANN, 'a', FOREVER);
  const short = await issuer.issue(ANN, 'a', state.now + 10_500);
  expect(decodeJwt(short).exp).toBe(1_700_000_010);
  expect(decodeJwt(await issuer.issue(ANN, 'a', state.now + 20_000)).exp).toBe(1_700_000_010);
});

test('a new first key signs immediately, and an older one is published until it is removed', async () => {
  const [old, next] = [ed25519(), ec('P-256')];
  const { issuer, state, verified } = await rig(`${old}\n${next}`);
  const before = await issuer.issue(ANN, 'a', FOREVER);
  state.keys = await readSigningKeys(`comment\n${next}${old}`);
  const after = await issuer.issue(ANN, 'a', FOREVER);
  expect(decodeProtectedHeader(after).alg).toBe('ES256');
  await verified(before, 'a');
  state.keys = await readSigningKeys(next);
  await verified(after, 'a');
  await expect(verified(before, 'a')).rejects.toThrow('no applicable key');
});

test('an anonymous caller has no token', async () => {
  const { issuer } = await rig();
  expect(() => issuer.issue({ kind: 'anonymous' }, 'a', FOREVER)).toThrow('anonymous');
});

const USE = 'use keys of P-256 (openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256) or Ed25519';
const twice = ed25519();

test.each([
  ['no key', 'nothing', `has no private key in PEM format: ${USE}`],
  ['a key of another curve', ec('P-384'), `has a private key of another type (number 1): ${USE}`],
  [
    'an RSA key',
    ed25519() + generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey.export(PKCS8),
    `has a private key of another type (number 2): ${USE}`,
  ],
  [
    'a damaged key',
    '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----',
    'has a private key that cannot be read (number 1): replace it',
  ],
  [
    'an encrypted key',
    '-----BEGIN ENCRYPTED PRIVATE KEY-----\nc2VjcmV0\n-----END ENCRYPTED PRIVATE KEY-----',
    'has an encrypted private key (number 1): decrypt it',
  ],
  ['one key twice', twice + twice, 'has a private key twice: remove one'],
  ['eleven keys', twice.repeat(11), 'has more than 10 private keys: remove the oldest'],
])('a file with %s is refused', async (_what, text, fault) => {
  await expect(readSigningKeys(text)).rejects.toThrow(fault);
});
