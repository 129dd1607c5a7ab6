import { generateKeyPairSync } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { authenticate } from '../../../test/support/auth/authenticators.ts';
import { AUDIENCE, ISSUER, startIssuer } from '../../../test/support/auth/issuer.ts';
import { part, signingKey } from '../../../test/support/auth/signing.ts';
import { systemClock } from '../../core/clock.ts';
import { tokenAuthenticator } from '../tokens/token-authenticator.ts';
import { modulusOf, rocaKey, signers } from './test-support/weak-keys.ts';
import { hasRocaFingerprint, weaknessOf } from './weak-keys.ts';

const { privateKey: sound } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const { n = '', e = '' } = generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey.export({ format: 'jwk' });
const roca = rocaKey();

const base64url = (hex: string) => Buffer.from(hex, 'hex').toString('base64url');

test('a modulus with the structure of the paper has the fingerprint, others have not', () => {
  expect(hasRocaFingerprint(modulusOf(roca))).toBe(true);
  expect(hasRocaFingerprint(modulusOf(sound))).toBe(false);
});

test.each([
  ['e = 1', { n, e: 'AQ' }, 'exponent'],
  ['e = 3', { n, e: 'Aw' }, 'exponent'],
  ['e = 65535', { n, e: base64url('ffff') }, 'exponent'],
  ['e = 65538', { n, e: base64url('010002') }, 'exponent'],
  ['e = 0', { n, e: 'AA' }, 'exponent'],
  ['e of 257 bits', { n, e: base64url(`01${'00'.repeat(31)}01`) }, 'exponent'],
  ['e is missing', { n }, 'without modulus or exponent'],
  ['2,047 bits', { n: base64url(`7f${'ff'.repeat(255)}`), e }, 'modulus of 2047 bits'],
  [
    '1,024 bits with leading zeros',
    { n: base64url(`${'00'.repeat(128)}${'ff'.repeat(128)}`), e },
    'modulus of 1024 bits',
  ],
  ['16,392 bits', { n: base64url('ff'.repeat(2_049)), e }, 'modulus of 16392 bits'],
  ['an even modulus', { n: base64url(`${'ff'.repeat(255)}fe`), e }, 'small factor'],
  ['a multiple of 3', { n: base64url('ff'.repeat(256)), e }, 'small factor'],
])('an RSA key with %s is weak', (_name, key, reason) => {
  expect(weaknessOf({ kty: 'RSA', ...key })).toContain(reason);
});

test('keys of common sizes and exponents are not weak', () => {
  expect(weaknessOf({ kty: 'RSA', n, e })).toBeNull();
  const large = generateKeyPairSync('rsa', { modulusLength: 3_072, publicExponent: 0x1_0000_0f }).publicKey;
  expect(weaknessOf({ kty: 'RSA', ...large.export({ format: 'jwk' }) })).toBeNull();
  expect(weaknessOf({ kty: 'OKP', ...signingKey('k', 'EdDSA').publicKey.export({ format: 'jwk' }) })).toBeNull();
});

const published = (key: object, kid: string, alg: string) => ({ ...key, kid, alg, use: 'sig' });

const ONE = Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]).toString('base64url');

test.each([
  [
    'of the structure of ROCA',
    { kty: 'RSA', n: base64url(modulusOf(roca).toString(16)), e: 'AQAB' },
    'RS256',
    signers.withKey(roca),
  ],
  ['with an exponent of 1', { kty: 'RSA', n, e: 'AQ' }, 'RS256', signers.exponentOne],
  ['of Ed25519 with order 1', { kty: 'OKP', crv: 'Ed25519', x: ONE }, 'EdDSA', signers.pointOfOrderOne],
] as const)('a published key %s is logged, and a token that it verifies is refused', async (_name, key, alg, sign) => {
  const issuer = await startIssuer();
  const warnings: unknown[] = [];
  const settings = {
    issuer: ISSUER,
    audience: AUDIENCE,
    keys: { by: 'url', url: issuer.jwksUrl } as const,
    roles: 'roles',
    typ: 'at+jwt',
  };
  const log = { warn: (message: string, fields: unknown) => void warnings.push([message, fields]) };
  const authenticator = tokenAuthenticator({ issuers: [settings], clock: systemClock, log });
  onTestFinished(async () => {
    authenticator.close();
    await issuer[Symbol.asyncDispose]();
  });
  issuer.published = [...issuer.published, published(key, 'weak', alg)];
  const now = Math.floor(Date.now() / 1_000);
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'c1', iat: now, exp: now + 600 };
  const data = `${part({ alg, typ: 'at+jwt', kid: 'weak' })}.${part(claims)}`;
  const forged = `${data}.${sign(data).toString('base64url')}`;
  expect(await authenticate(authenticator, `Bearer ${forged}`)).toMatchObject({ is: 'invalid' });
  expect(await authenticate(authenticator, `Bearer ${issuer.token()}`)).toMatchObject({ principal: { subject: 'c1' } });
  expect(warnings).toEqual([
    ['A published key of an issuer is weak; signatures by it are refused.', expect.objectContaining({ kid: 'weak' })],
  ]);
});
