import { createHmac, createSign } from 'node:crypto';
import { CompactEncrypt } from 'jose';
import { AUDIENCE, type Claims, ISSUER } from '../auth/issuer.ts';
import { part, signed } from '../auth/signing.ts';
import { NOW, SECOND, type TokenRig } from './token-rig.ts';

const claims = (more: Claims): Claims => ({
  ...{ iss: ISSUER, aud: AUDIENCE, sub: 'c1', iat: NOW, exp: NOW + 600 },
  ...more,
});

const header = (more: Claims = {}): Claims => ({ alg: 'ES256', typ: 'at+jwt', kid: 'k1', ...more });

const unsigned = (alg: string) => `${part(header({ alg }))}.${part(claims({}))}.`;

/** Signs with the RSA public key as the secret of an HMAC (algorithm confusion). */
const confused = (rig: TokenRig, alg: string): string => {
  const text = `${part(header({ alg, kid: 'rsa' }))}.${part(claims({}))}`;
  const secret = rig.rsa.publicKey.export({ type: 'spki', format: 'pem' });
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
};

const evilToken = (rig: TokenRig, more: Claims): string => signed(rig.evil.key, header(more), claims({}));

const encrypted = (rig: TokenRig, kid: string): Promise<string> =>
  new CompactEncrypt(Buffer.from(JSON.stringify(claims({}))))
    .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', kid, typ: 'at+jwt' })
    .encrypt(rig.rsa.publicKey);

/** Signs according to RFC 7797: over the claims themselves, not their base64url. */
const unencoded = (rig: TokenRig): string => {
  const first = part(header({ b64: false, crit: ['b64'] }));
  const payload = JSON.stringify(claims({}));
  const signature = createSign('sha256')
    .update(`${first}.${payload}`)
    .sign({ key: rig.issuer.key.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${first}.${part(payload)}.${signature.toString('base64url')}`;
};

const tampered = (rig: TokenRig, change: (parts: [string, string, string]) => string): string => {
  const [first = '', middle = '', last = ''] = rig.issuer.token().split('.');
  return change([first, middle, last]);
};

/** Returns a base64url text that decodes to the same bytes but differs in ignored bits. */
const respelled = (text: string): string => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(text.at(-1) ?? '');
  return text.slice(0, -1) + (alphabet[last ^ 1] ?? '');
};

const bomb = () =>
  `${part(header({ alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', p2c: 2 ** 31, p2s: 'c2FsdA' }))}.a.b.c.d`;

/** Row in the catalogue of attacks, description, and factory. */
type BadToken = readonly [row: string, input: string, token: (rig: TokenRig) => string | Promise<string>];

/** Tokens that an attacker, or a client with the wrong token, may send. */
export const BAD_TOKENS: readonly BadToken[] = [
  ...['none', 'None', 'nOnE', ''].map(
    (alg) => ['53', `alg "${alg}", no signature`, () => unsigned(alg)] satisfies BadToken,
  ),
  ['53', 'alg none with a signature', (rig) => signed(rig.issuer.key, header({ alg: 'none' }), claims({}))],
  ['53', 'a good token without its signature', (rig) => tampered(rig, ([a, b]) => `${a}.${b}.`)],
  ['53', 'a good token with two parts', (rig) => tampered(rig, ([a, b]) => `${a}.${b}`)],
  [
    '53',
    'an ES256 signature of zeros (CVE-2022-21449)',
    (rig) => tampered(rig, ([a, b]) => `${a}.${b}.${part('\0'.repeat(64))}`),
  ],
  [
    '53',
    'other claims under the signature',
    (rig) => tampered(rig, ([a, , c]) => `${a}.${part(claims({ sub: 'c2' }))}.${c}`),
  ],
  ['54', 'HS256 with the public RSA key as secret', (rig) => confused(rig, 'HS256')],
  ['54', 'RS256 in the header, HMAC in the signature', (rig) => confused(rig, 'RS256')],
  ['54', 'the algorithm of another key', (rig) => signed(rig.rsa, header({ alg: 'PS256', kid: 'rsa' }), claims({}))],
  ['55', 'its own key in jwk', (rig) => evilToken(rig, { jwk: rig.evil.key.jwk })],
  ['55', 'its own key in jwk, without kid', (rig) => evilToken(rig, { jwk: rig.evil.key.jwk, kid: undefined })],
  ['55', 'jku to its own keys', (rig) => evilToken(rig, { jku: rig.evil.jwksUrl })],
  ['55', 'x5u to its own certificate', (rig) => evilToken(rig, { x5u: rig.evil.jwksUrl })],
  [
    '55',
    'x5c with its own certificate',
    (rig) =>
      evilToken(rig, { x5c: [rig.evil.key.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')] }),
  ],
  ['56', 'unknown kid', (rig) => evilToken(rig, { kid: 'unknown' })],
  ['56', 'kid of 4,000 characters', (rig) => evilToken(rig, { kid: 'k'.repeat(4_000) })],
  ['56', 'kid that is a path', (rig) => evilToken(rig, { kid: '../../../../dev/null' })],
  ['56', 'kid __proto__', (rig) => evilToken(rig, { kid: '__proto__' })],
  ['56', 'kid that is an object', (rig) => evilToken(rig, { kid: { $ne: null } })],
  ['57', 'no kid, signed with an unknown key', (rig) => evilToken(rig, { kid: undefined })],
  ['58', 'no exp', (rig) => rig.issuer.token({ exp: undefined })],
  ['58', 'no sub', (rig) => rig.issuer.token({ sub: undefined })],
  ['59', 'no aud', (rig) => rig.issuer.token({ aud: undefined })],
  ['59', 'another aud', (rig) => rig.issuer.token({ aud: 'warehouse' })],
  ['59', 'an aud with the configured audience as prefix', (rig) => rig.issuer.token({ aud: `${AUDIENCE}-admin` })],
  ['59', 'aud array without the configured audience', (rig) => rig.issuer.token({ aud: ['warehouse', 'billing'] })],
  ['59', 'empty aud array', (rig) => rig.issuer.token({ aud: [] })],
  ['59', 'aud that is an object', (rig) => rig.issuer.token({ aud: { [AUDIENCE]: true } })],
  ['59', 'no iss', (rig) => rig.issuer.token({ iss: undefined })],
  ['59', 'another iss', (rig) => rig.issuer.token({ iss: 'https://evil.example' })],
  ['59', 'iss with a slash at its end', (rig) => rig.issuer.token({ iss: `${ISSUER}/` })],
  ['59', 'iss array with the configured issuer', (rig) => rig.issuer.token({ iss: [ISSUER] })],
  ['59', 'the iss of the other issuer', (rig) => rig.issuer.token({ iss: SECOND })],
  ['60', 'exp one second ago', (rig) => rig.issuer.token({ exp: NOW - 1 })],
  ['60', 'exp now', (rig) => rig.issuer.token({ exp: NOW })],
  ['60', 'nbf in a minute', (rig) => rig.issuer.token({ nbf: NOW + 60 })],
  ['60', 'nbf in six seconds', (rig) => rig.issuer.token({ nbf: NOW + 6 })],
  ['60', 'iat in six seconds', (rig) => rig.issuer.token({ iat: NOW + 6 })],
  ['60', 'iat in ten years', (rig) => rig.issuer.token({ iat: NOW + 315_360_000, exp: NOW + 315_360_600 })],
  ['61', 'exp as text', (rig) => rig.issuer.token({ exp: String(NOW + 600) })],
  ['61', 'negative exp', (rig) => rig.issuer.token({ exp: -1 })],
  ['61', 'exp 1e308', (rig) => rig.issuer.token({ exp: 1e308 })],
  [
    '61',
    'exp 1e999',
    (rig) => signed(rig.issuer.key, header(), JSON.stringify(claims({})).replace(/"exp":\d+/, '"exp":1e999')),
  ],
  ['61', 'exp null', (rig) => rig.issuer.token({ exp: null })],
  ['61', 'exp in milliseconds', (rig) => rig.issuer.token({ exp: (NOW + 600) * 1_000 })],
  ['61', 'iat as text', (rig) => rig.issuer.token({ iat: 'now' })],
  ['61', 'nbf as text', (rig) => rig.issuer.token({ nbf: '0' })],
  ['62', 'an ID token: typ JWT', (rig) => rig.issuer.token({}, { typ: 'JWT' })],
  ['62', 'a refresh token: typ refresh+jwt', (rig) => rig.issuer.token({}, { typ: 'refresh+jwt' })],
  ['62', 'no typ', (rig) => rig.issuer.token({}, { typ: undefined })],
  ['62', 'typ array', (rig) => rig.issuer.token({}, { typ: ['at+jwt'] })],
  ['63', 'unknown crit', (rig) => rig.issuer.token({}, { crit: ['exp'], exp: 0 })],
  ['63', 'empty crit', (rig) => rig.issuer.token({}, { crit: [] })],
  ['63', 'b64 false', (rig) => unencoded(rig)],
  ['63', 'b64 false without crit', (rig) => rig.issuer.token({}, { b64: false })],
  ['64', 'JWE for the RSA key', (rig) => encrypted(rig, 'rsa')],
  ['64', 'PBES2 with 2^31 rounds', () => bomb()],
  ['64', 'a token within a token', (rig) => signed(rig.issuer.key, header({ cty: 'JWT' }), rig.issuer.token())],
  ['64', 'compressed claims', (rig) => rig.issuer.token({}, { zip: 'DEF' })],
  ['more', 'claims that are an array', (rig) => signed(rig.issuer.key, header(), [claims({})])],
  ['more', 'claims null', (rig) => signed(rig.issuer.key, header(), 'null')],
  ['more', 'claims that are not JSON', (rig) => signed(rig.issuer.key, header(), '{"sub":')],
  ['more', 'a header that is not JSON', (rig) => signed(rig.issuer.key, 'alg', claims({}))],
  [
    'more',
    'a byte that is not UTF-8',
    (rig) => signed(rig.issuer.key, header(), Buffer.from(JSON.stringify(claims({ note: '\u00ff' })), 'latin1')),
  ],
  ['more', 'a thousand levels of claims', (rig) => signed(rig.issuer.key, header(), '['.repeat(2_500))],
  ['more', 'padding', (rig) => tampered(rig, ([a, b, c]) => `${a}.${b}.${c}==`)],
  ['more', 'base64 in place of base64url', (rig) => tampered(rig, ([a, b, c]) => `${a}.${b}.${c.slice(0, -2)}+/`)],
  [
    'more',
    'the same signature with other ignored bits',
    (rig) => tampered(rig, ([a, b, c]) => `${a}.${b}.${respelled(c)}`),
  ],
  [
    'more',
    'an ES256 signature in DER',
    (rig) =>
      tampered(
        rig,
        ([a, b]) =>
          `${a}.${b}.${createSign('sha256').update(`${a}.${b}`).sign(rig.issuer.key.privateKey).toString('base64url')}`,
      ),
  ],
  ['more', 'a good token of more than 8 KiB', (rig) => rig.issuer.token({ padding: 'x'.repeat(7_000) })],
  ['more', 'JSON serialization', () => JSON.stringify({ payload: 'a', signatures: [] })],
  ['more', 'sub that is a number', (rig) => rig.issuer.token({ sub: 1 })],
  ['more', 'empty sub', (rig) => rig.issuer.token({ sub: '' })],
  ['more', 'sub that is an array', (rig) => rig.issuer.token({ sub: ['c1'] })],
  ['more', 'sub with a line break', (rig) => rig.issuer.token({ sub: 'c1\r\nx-admin: 1' })],
  ['more', 'sub with half a character', (rig) => rig.issuer.token({ sub: 'c1\ud800' })],
  ['more', 'sub of 256 characters', (rig) => rig.issuer.token({ sub: 'c'.repeat(256) })],
  [
    'more',
    'sub of the prototype',
    (rig) =>
      signed(
        rig.issuer.key,
        header(),
        JSON.stringify(claims({ sub: undefined })).replace('{', '{"__proto__":{"sub":"c1"},'),
      ),
  ],
];
