import { createHash, createHmac } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { type DpopClient, dpopClient, PROOF_URL } from '../../../test/support/auth/dpop.ts';
import { dpopRig, refusedProof } from '../../../test/support/auth/dpop-rig.ts';
import type { Claims } from '../../../test/support/auth/issuer.ts';
import { part, signed, signingKey } from '../../../test/support/auth/signing.ts';
import type { Caller } from '../authenticator.ts';
import { signers } from '../jwt/test-support/weak-keys.ts';

test.each(['ES256', 'RS256', 'PS256', 'EdDSA'] as const)('a token with a proof by %s is valid', async (alg) => {
  const { clock, issuer, send } = await dpopRig();
  const client = await dpopClient(clock.wallTime, alg);
  const token = issuer.token({ cnf: { jkt: client.jkt } });
  expect(await send(`DPoP ${token}`, [client.proof(token)])).toBe('c1');
  expect(await send(`dpop  ${token}`, [client.proof(token)])).toBe('c1');
});

test.each([
  ['none', () => undefined],
  ['an empty one', () => ['']],
  ['two', ({ proof }: DpopClient, token: string) => [proof(token), proof(token)]],
] satisfies [string, (client: DpopClient, token: string) => readonly string[] | undefined][])(
  'a request with %s in place of a proof is refused',
  async (_title, proofs) => {
    const { client, token, send } = await dpopRig();
    expect(await send(`DPoP ${token}`, proofs(client, token))).toBe(refusedProof('missing, or sent more than once'));
  },
);

const MALFORMED = 'malformed or of an unsupported type';

const claimRows: readonly (readonly [title: string, claims: Claims, reason: string])[] = [
  ['another method', { htm: 'GET' }, 'for another method'],
  ['the method in lower case', { htm: 'post' }, 'for another method'],
  ['no method', { htm: undefined }, MALFORMED],
  ['another host', { htu: 'https://evil.example/graphql' }, 'for another URL'],
  ['another path', { htu: 'https://shop.example/other' }, 'for another URL'],
  ['a path as prefix', { htu: 'https://shop.example/graphql/x' }, 'for another URL'],
  ['another scheme', { htu: 'http://shop.example/graphql' }, 'for another URL'],
  ['another port', { htu: 'https://shop.example:8443/graphql' }, 'for another URL'],
  ['the host as user', { htu: 'https://shop.example@evil.example/graphql' }, 'for another URL'],
  ['a path alone', { htu: '/graphql' }, 'for another URL'],
  ['a list of URLs', { htu: [PROOF_URL] }, 'for another URL'],
  ['no URL', { htu: undefined }, MALFORMED],
  ['the hash of another token', { ath: 'A'.repeat(43) }, 'for another token'],
  ['no hash of the token', { ath: undefined }, MALFORMED],
  ['no id', { jti: undefined }, MALFORMED],
  ['an empty id', { jti: '' }, MALFORMED],
  ['an id that is a number', { jti: 1 }, MALFORMED],
  ['an id of 257 characters', { jti: 'x'.repeat(257) }, MALFORMED],
  ['no time', { iat: undefined }, MALFORMED],
  ['a time as text', { iat: '0' }, MALFORMED],
];

test.each(claimRows)('a proof with %s is refused', async (_title, claims, reason) => {
  const { client, token, prove } = await dpopRig();
  expect(await prove(client.proof(token, claims))).toBe(refusedProof(reason));
});

test.each([
  [-66, 'too old, or from the future'],
  [-65, null],
  [5, null],
  [6, 'too old, or from the future'],
])('a proof with an iat %i seconds from now', async (seconds, reason) => {
  const { client, token, prove, clock } = await dpopRig();
  const iat = Math.floor(clock.wallTime() / 1_000) + seconds;
  expect(await prove(client.proof(token, { iat }))).toBe(reason === null ? 'c1' : refusedProof(reason));
});

test.each([
  ['another typ', { typ: 'JWT' }, MALFORMED],
  ['no typ', { typ: undefined }, MALFORMED],
  ['alg none', { alg: 'none' }, MALFORMED],
  ['a symmetric algorithm', { alg: 'HS256' }, MALFORMED],
  ['no key', { jwk: undefined }, MALFORMED],
  ['a key by its URL', { jwk: undefined, jku: 'https://evil.example/keys' }, MALFORMED],
  ['unknown critical parameters', { crit: ['x'], x: 1 }, MALFORMED],
])('a proof with %s in its header is refused', async (_title, header, reason) => {
  const { client, token, prove } = await dpopRig();
  expect(await prove(client.proof(token, {}, header))).toBe(refusedProof(reason));
});

test('a proof by another key, with its own or with the key of the token in its header, is refused', async () => {
  const { client, token, prove, clock } = await dpopRig();
  const thief = await dpopClient(clock.wallTime);
  const reason = refusedProof('not signed with the key of the token');
  expect(await prove(thief.proof(token))).toBe(reason);
  expect(await prove(thief.proof(token, {}, { jwk: client.jwk }))).toBe(reason);
});

test('a proof with the private key of the token in its header is refused', async () => {
  const { client, token, prove } = await dpopRig();
  const jwk = client.key.privateKey.export({ format: 'jwk' });
  expect(await prove(client.proof(token, {}, { jwk }))).toBe(refusedProof(MALFORMED));
});

test('a proof with an HMAC by the public key is refused', async () => {
  const { client, token, prove } = await dpopRig();
  const [, claims] = client.proof(token).split('.');
  const text = `${part({ alg: 'HS256', typ: 'dpop+jwt', jwk: client.jwk })}.${claims}`;
  const secret = client.key.publicKey.export({ type: 'spki', format: 'pem' });
  expect(await prove(`${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`)).toBe(
    refusedProof(MALFORMED),
  );
});

test.each(['garbage', 'a.b.c', `${'x'.repeat(9_000)}.b.c`])('%.9s is refused as a proof', async (proof) => {
  const { prove } = await dpopRig();
  expect(await prove(proof)).toBe(refusedProof(MALFORMED));
});

test.each([
  ['a query and a fragment', `${PROOF_URL}?a=1#b`, {}],
  ['capitals in scheme and host', 'HTTPS://SHOP.example/graphql', {}],
  ['the default port', 'https://shop.example:443/graphql', {}],
  ['dot segments', 'https://shop.example/a/../graphql', {}],
  ['escaped letters', 'https://shop.example/%67raphql', {}],
  ['the port of the request', 'https://shop.example:8443/graphql', { host: 'shop.example:8443' }],
  ['the query of the request left out', PROOF_URL, { target: '/graphql?query=x' }],
  ['an absolute target', PROOF_URL, { target: 'https://shop.example/graphql' }],
  ['plain http', 'http://shop.example/graphql', { scheme: 'http' }],
] satisfies [string, string, Partial<Caller>][])('a proof with %s is accepted', async (_title, htu, request) => {
  const { client, token, prove } = await dpopRig();
  expect(await prove(client.proof(token, { htu }), request)).toBe('c1');
});

test('the host of a request counts only if it is one of the gateway; the resource does in any case', async () => {
  const { client, token, prove, open } = await dpopRig();
  for (const htu of [PROOF_URL, 'https://null/graphql'])
    expect(await prove(client.proof(token, { htu }), { host: null })).toBe(refusedProof('for another URL'));
  const by = open({ resource: 'https://shop.example/api' });
  onTestFinished(() => by.close());
  expect(await prove(client.proof(token), { by, host: null, scheme: 'http' })).toBe('c1');
});

test('a proof is not verified with a key before it is known to be that of the token', async () => {
  const { prove, clock } = await dpopRig();
  // A modulus of 16,384 bits would cost milliseconds for each proof.
  const thief = signingKey('big', 'RS256');
  const jwk = { ...thief.publicKey.export({ format: 'jwk' }), n: Buffer.alloc(4_096, 0xff).toString('base64url') };
  const claims = { jti: '1', htm: 'POST', htu: PROOF_URL, iat: Math.floor(clock.wallTime() / 1_000), ath: 'x' };
  const proof = signed(thief, { alg: 'RS256', typ: 'dpop+jwt', jwk }, claims);
  expect(await prove(proof)).toBe(refusedProof('not signed with the key of the token'));
});

test('a proof by a key of small order is refused, even if a token is bound to it', async () => {
  const { issuer, send, clock } = await dpopRig();
  const jwk = {
    kty: 'OKP',
    crv: 'Ed25519',
    x: Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]).toString('base64url'),
  };
  const token = issuer.token({ cnf: { jkt: await calculateJwkThumbprint(jwk) } });
  const ath = createHash('sha256').update(token).digest('base64url');
  const claims = { jti: '1', htm: 'POST', htu: PROOF_URL, iat: Math.floor(clock.wallTime() / 1_000), ath };
  const text = `${part({ alg: 'EdDSA', typ: 'dpop+jwt', jwk })}.${part(claims)}`;
  // A valid signature for every text.
  const proof = `${text}.${signers.pointOfOrderOne().toString('base64url')}`;
  expect(await send(`DPoP ${token}`, [proof])).toBe(refusedProof(MALFORMED));
});
