import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { authenticationSecrets, openAuthentication } from '../../src/app/identity/authentication.ts';
import { readSecrets } from '../../src/config/secrets/read-secrets.ts';
import { secretStore } from '../../src/config/secrets/secret-store.ts';
import { readConfig } from '../../src/config/settings.ts';
import { wallTime } from '../../src/core/clock.ts';
import { authenticate } from '../support/auth/authenticators.ts';
import { AUDIENCE, type Claims, startIssuer } from '../support/auth/issuer.ts';
import { part, signed } from '../support/auth/signing.ts';
import { manualClock } from '../support/clock/manual-clock.ts';
import { folderWith } from '../support/modules/module-folder.ts';

const SECRET = 'a-secret-of-exactly-32-bytes-....';
const LEGACY = 'https://legacy.example';

const hmacToken = (secret: string | Buffer, claims: Claims = {}, header: Claims = {}): string => {
  const now = Math.floor(wallTime() / 1_000);
  const all = { iss: LEGACY, aud: AUDIENCE, sub: 'c1', exp: now + 600, ...claims };
  const { alg = 'HS256' } = header;
  const text = `${part({ alg, typ: 'JWT', ...header })}.${part(all)}`;
  return `${text}.${createHmac(`sha${String(alg).slice(2)}`, secret)
    .update(text)
    .digest('base64url')}`;
};

const start = async (more: Readonly<Record<string, string>> = {}) => {
  const issuer = await startIssuer();
  const env = {
    JWT_ISSUERS: `${LEGACY};audience=${AUDIENCE};typ=JWT;secret=JWT_SECRET,https://id.example;audience=${AUDIENCE};jwks=${issuer.jwksUrl}`,
    ...('JWT_SECRET_FILE' in more ? {} : { JWT_SECRET: SECRET }),
    ...more,
  };
  const clock = manualClock();
  const { found, problems } = readSecrets(env, authenticationSecrets(env));
  const secrets = secretStore(found, clock);
  const { settings } = readConfig(env, []);
  const authenticator = openAuthentication(settings, { clock, log: { warn: () => {} }, secrets });
  onTestFinished(async () => {
    authenticator.close();
    secrets.close();
    await issuer[Symbol.asyncDispose]();
  });
  return {
    clock,
    issuer,
    problems,
    verify: async (token: string) => (await authenticate(authenticator, `Bearer ${token}`))?.is,
  };
};

test('a token that is signed with the secret of its issuer is valid', async () => {
  const { verify, problems } = await start();
  expect(problems).toEqual([]);
  expect(await verify(hmacToken(SECRET))).toBe('authenticated');
  expect(await verify(hmacToken(`${SECRET}x`))).toBe('invalid');
  expect(await verify(hmacToken(''))).toBe('invalid');
});

test.each(['HS384', 'HS512', 'none', 'RS256', 'ES256'])('%s is refused for an issuer with HS256', async (alg) => {
  const { verify, issuer } = await start();
  const isHmac = alg.startsWith('HS');
  const now = Math.floor(wallTime() / 1_000);
  const claims = { iss: LEGACY, aud: AUDIENCE, sub: 'c1', exp: now + 600 };
  const token = isHmac ? hmacToken(SECRET, {}, { alg }) : signed(issuer.key, { alg, typ: 'JWT', kid: 'k1' }, claims);
  expect(await verify(token)).toBe('invalid');
});

test('an HMAC is refused for an issuer with public keys, with any key as its secret (algorithm confusion)', async () => {
  const { verify, issuer } = await start();
  const { publicKey, jwk } = issuer.key;
  const ofPublic = { iss: 'https://id.example' };
  const header = { typ: 'at+jwt', kid: 'k1' };
  const secrets = [
    publicKey.export({ type: 'spki', format: 'pem' }),
    publicKey.export({ type: 'spki', format: 'der' }),
    JSON.stringify(jwk),
    SECRET,
  ];
  for (const secret of secrets) expect(await verify(hmacToken(secret, ofPublic, header))).toBe('invalid');
  expect(await verify(issuer.token())).toBe('authenticated');
  expect(await verify(issuer.token({ iss: LEGACY }, { typ: 'JWT' }))).toBe('invalid');
});

test('a changed file of the secret refuses tokens of the previous one', async () => {
  const file = join(folderWith({ secret: `${SECRET}\n` }), 'secret');
  const { verify, clock } = await start({ JWT_SECRET_FILE: file });
  const token = hmacToken(SECRET);
  expect(await verify(token)).toBe('authenticated');
  const next = `next-${SECRET}`;
  writeFileSync(file, next);
  clock.advance(10_000);
  expect([await verify(token), await verify(hmacToken(next))]).toEqual(['invalid', 'authenticated']);
});

test.each([
  ['HS256', 'x'.repeat(31), 'has less than 32 bytes, the minimum for HS256'],
  ['HS384', 'x'.repeat(47), 'has less than 48 bytes, the minimum for HS384'],
  ['HS512', 'x'.repeat(63), 'has less than 64 bytes, the minimum for HS512'],
  ['HS256', `-----BEGIN PUBLIC KEY-----\n${'x'.repeat(99)}`, 'is a key in PEM, not a secret'],
])('a secret for %s that is too short or public is a problem, without its value', (alg, secret, fault) => {
  const env = { JWT_ISSUERS: `a;audience=shop;secret=JWT_SECRET;alg=${alg}`, JWT_SECRET: secret };
  const { problems } = readSecrets(env, authenticationSecrets(env));
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(`JWT_SECRET: the secret for JWT_ISSUERS ${fault}`);
  expect(problems[0]).not.toContain('xxx');
});

test('a missing secret is a problem', () => {
  const env = { JWT_ISSUERS: 'a;audience=shop;secret=JWT_SECRET' };
  expect(readSecrets(env, authenticationSecrets(env)).problems).toEqual([
    'JWT_SECRET is not set: set it, or JWT_SECRET_FILE to the path of a file, for JWT_ISSUERS',
  ]);
});
