import { createHmac } from 'node:crypto';
import { expect } from 'vitest';
import { PROOF_URL } from '../../support/auth/dpop.ts';
import { AUDIENCE, type Claims, ISSUER } from '../../support/auth/issuer.ts';
import { part, signed } from '../../support/auth/signing.ts';
import { BAD_TOKENS } from '../../support/http/bad-tokens.ts';
import { bodiless, exchange, post } from '../../support/http/raw-http.ts';
import { NOW, PRINCIPAL } from '../../support/http/token-rig.ts';
import { type Attack, scenario } from './attack.ts';
import { type AttackedTokens, LEGACY, LEGACY_SECRET } from './attacked-tokens.ts';

const QUERY = `/graphql?query=${encodeURIComponent('{ principal }')}`;

/** Expects 401 with a challenge, and no request to the attacker. */
const expectRefused = async (
  { edge, evil }: AttackedTokens,
  headers: Claims,
  challenge: RegExp = /^(Bearer|DPoP) error="invalid_/,
  bytes?: string,
): Promise<void> => {
  const { answer } = await exchange(edge.port, bytes ?? post(PRINCIPAL, headers as Readonly<Record<string, string>>));
  expect([answer?.status, answer?.headers['www-authenticate']]).toEqual([401, expect.stringMatching(challenge)]);
  expect(JSON.parse(answer?.body ?? '').errors).toHaveLength(1);
  expect(evil.requests).toEqual([]);
};

/** Returns the subject of the request's principal, or its kind. */
const principalOf = async ({ edge }: AttackedTokens, headers: Readonly<Record<string, string>>, bytes?: string) => {
  const { answer } = await exchange(edge.port, bytes ?? post(PRINCIPAL, headers));
  const { kind, subject = kind } = JSON.parse(JSON.parse(answer?.body ?? '').data.principal);
  return subject;
};

const ofTokens = (number: Attack['number'], title: string, run: (tokens: AttackedTokens) => Promise<void>): Attack =>
  scenario(number, `token: ${title}`, async ({ tokens }) => run(tokens));

const jwts = BAD_TOKENS.map(([row, input, token]) =>
  ofTokens(row === 'more' ? 'next' : Number(row), input, async (tokens) =>
    expectRefused(tokens, { authorization: `Bearer ${await token(tokens)}` }),
  ),
);

const hmac = (secret: string | Buffer, claims: Claims, header: Claims): string => {
  const text = `${part({ alg: 'HS256', typ: 'JWT', ...header })}.${part({ aud: AUDIENCE, sub: 'c1', exp: NOW + 600, ...claims })}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
};

const secrets: readonly Attack[] = [
  ofTokens(54, 'the secret of one issuer for the tokens of another', (tokens) =>
    expectRefused(tokens, {
      authorization: `Bearer ${hmac(LEGACY_SECRET, { iss: ISSUER }, { typ: 'at+jwt', kid: 'k1' })}`,
    }),
  ),
  ofTokens(54, 'a public key for an issuer with a secret', (tokens) =>
    expectRefused(tokens, {
      authorization: `Bearer ${signed(
        tokens.issuer.key,
        { alg: 'ES256', typ: 'JWT', kid: 'k1', jwk: tokens.issuer.key.jwk },
        { iss: LEGACY, aud: AUDIENCE, sub: 'c1', exp: NOW + 600 },
      )}`,
    }),
  ),
  ...['', 'secret', '\0'.repeat(32), LEGACY].map((guess) =>
    ofTokens(54, `the guessed secret ${JSON.stringify(guess)}`, (tokens) =>
      expectRefused(tokens, { authorization: `Bearer ${hmac(guess, { iss: LEGACY }, {})}` }),
    ),
  ),
  ofTokens(54, 'a valid token with a secret is accepted', async (tokens) =>
    expect(await principalOf(tokens, { authorization: `Bearer ${hmac(LEGACY_SECRET, { iss: LEGACY }, {})}` })).toBe(
      'c1',
    ),
  ),
];

const places: readonly Attack[] = [
  ofTokens('next', 'in the query string, it is ignored', async (tokens) => {
    const bytes = bodiless('GET', `${QUERY}&access_token=${tokens.issuer.token()}`, {
      'apollo-require-preflight': 'yes',
    });
    expect(await principalOf(tokens, {}, bytes)).toBe('anonymous');
  }),
  ofTokens('next', 'in a cookie, it is ignored', async (tokens) =>
    expect(await principalOf(tokens, { cookie: `access_token=${tokens.issuer.token()}` })).toBe('anonymous'),
  ),
  ofTokens('next', 'in another header, it is ignored', async (tokens) => {
    const token = `Bearer ${tokens.issuer.token()}`;
    const headers = { 'proxy-authorization': token, 'x-authorization': token, 'x-access-token': token };
    expect(await principalOf(tokens, headers)).toBe('anonymous');
  }),
  ofTokens('next', 'of more than 8 KiB causes no introspection', async (tokens) => {
    const before = tokens.server.requests.length;
    await expectRefused(tokens, { authorization: `Bearer ${'x'.repeat(8_193)}` });
    expect(tokens.server.requests).toHaveLength(before);
  }),
];

const introspected: readonly (readonly [title: string, members: Claims])[] = [
  ['for another audience', { aud: 'warehouse' }],
  ['of another issuer', { iss: 'https://evil.example' }],
  ['that has ended', { exp: NOW - 1 }],
  ['that is a refresh token', { token_type: 'refresh_token' }],
  ['with the subject of a client', { sub: 'client:admin' }],
  ['with a line break in its subject', { sub: 'c1\r\nx-admin: 1' }],
  ['that is bound to an unknown kind of key', { cnf: { jwk: {} } }],
  ['that is bound to a certificate, without one', { cnf: { 'x5t#S256': 'A'.repeat(43) } }],
];

const opaque: readonly Attack[] = [
  ...introspected.map(([title, members]) =>
    ofTokens('next', `an opaque one ${title}`, async (tokens) => {
      const token = title.replaceAll(/\W/g, '-');
      tokens.server.active.set(token, { sub: 'c1', aud: AUDIENCE, ...members });
      await expectRefused(tokens, { authorization: `Bearer ${token}` });
      expect(tokens.server.requests.at(-1)?.token).toBe(token);
    }),
  ),
  ofTokens('next', 'garbage a hundred times causes one introspection', async (tokens) => {
    const before = tokens.server.requests.length;
    for (let n = 0; n < 100; n += 1) await expectRefused(tokens, { authorization: 'Bearer garbage' });
    expect(tokens.server.requests).toHaveLength(before + 1);
  }),
  ofTokens('next', 'a flood of garbage evicts no valid one, and more than 100 at a time are 503', async (tokens) => {
    const { server, edge } = tokens;
    server.active.set('opaque', { sub: 'c7', aud: AUDIENCE });
    expect(await principalOf(tokens, { authorization: 'Bearer opaque' })).toBe('c7');
    const held: (() => void)[] = [];
    server.answer = (response) => void held.push(() => response.end('{"active":false}'));
    const flood = Array.from({ length: 100 }, (_, n) =>
      exchange(edge.port, post(PRINCIPAL, { authorization: `Bearer flood-${n}` })),
    );
    await expect.poll(() => held.length, { timeout: 60_000 }).toBe(100);
    const { answer } = await exchange(edge.port, post(PRINCIPAL, { authorization: 'Bearer one-more' }));
    expect([answer?.status, answer?.headers['retry-after']]).toEqual([503, '1']);
    expect(await principalOf(tokens, { authorization: 'Bearer opaque' })).toBe('c7');
    server.answer = null;
    for (const end of held) end();
    for (const { answer: refused } of await Promise.all(flood)) expect(refused?.status).toBe(401);
  }),
];

type Request = { readonly scheme?: string; readonly proof?: Claims; readonly header?: Claims };

/** A bound token, a proof with these changes, and the headers of a request with both. */
const bound = ({ client, issuer }: AttackedTokens, { scheme = 'DPoP', proof, header }: Request = {}) => {
  const token = issuer.token({ cnf: { jkt: client.jkt } });
  return { authorization: `${scheme} ${token}`, dpop: client.proof(token, { htu: OWN_URL, ...proof }, header) };
};

const OWN_URL = 'http://gateway.test/graphql';
const BAD_PROOF = /^DPoP error="invalid_dpop_proof", error_description="Invalid DPoP proof: [^"]+", algs="/;

const proofs: readonly (readonly [title: string, change: Request])[] = [
  ['for another host', { proof: { htu: PROOF_URL } }],
  ['for another path', { proof: { htu: 'http://gateway.test/other' } }],
  ['for another scheme', { proof: { htu: 'https://gateway.test/graphql' } }],
  ['for another method', { proof: { htm: 'GET' } }],
  ['for another token', { proof: { ath: 'A'.repeat(43) } }],
  ['without the token', { proof: { ath: undefined } }],
  ['of two minutes ago', { proof: { iat: NOW - 120 } }],
  ['of the future', { proof: { iat: NOW + 60 } }],
  ['of another type', { header: { typ: 'at+jwt' } }],
  ['with alg none', { header: { alg: 'none' } }],
  ['without its key', { header: { jwk: undefined } }],
];

const dpop: readonly Attack[] = [
  ofTokens('next', 'a bound one with its proof is accepted', async (tokens) =>
    expect(await principalOf(tokens, bound(tokens))).toBe('c1'),
  ),
  ofTokens('next', 'a bound one as a bearer token (downgrade)', async (tokens) => {
    const { authorization, dpop: proof } = bound(tokens, { scheme: 'Bearer' });
    await expectRefused(tokens, { authorization }, /^DPoP error="invalid_token"/);
    await expectRefused(tokens, { authorization, dpop: proof }, /^DPoP error="invalid_token"/);
  }),
  ofTokens('next', 'a bound one without a proof', async (tokens) =>
    expectRefused(tokens, { authorization: bound(tokens).authorization }, BAD_PROOF),
  ),
  ...proofs.map(([title, change]) =>
    ofTokens('next', `a bound one with a proof ${title}`, (tokens) =>
      expectRefused(tokens, bound(tokens, change), BAD_PROOF),
    ),
  ),
  ofTokens('next', 'a bound one with its proof again (replay)', async (tokens) => {
    const headers = bound(tokens);
    expect(await principalOf(tokens, headers)).toBe('c1');
    await expectRefused(tokens, headers, BAD_PROOF);
  }),
  ofTokens('next', 'a bound one with the proof of a thief', async (tokens) => {
    const { authorization } = bound(tokens);
    const token = authorization.slice('DPoP '.length);
    const proof = tokens.thief.proof(token, { htu: OWN_URL });
    await expectRefused(tokens, { authorization, dpop: proof }, BAD_PROOF);
    const disguised = tokens.thief.proof(token, { htu: OWN_URL }, { jwk: tokens.client.jwk });
    await expectRefused(tokens, { authorization, dpop: disguised }, BAD_PROOF);
  }),
  ofTokens('next', 'a proof for another server with its name in X-Forwarded-Host', (tokens) =>
    expectRefused(
      tokens,
      {
        ...bound(tokens, { proof: { htu: 'http://evil.example/graphql' } }),
        'x-forwarded-for': '10.0.0.1',
        'x-forwarded-host': 'evil.example',
      },
      BAD_PROOF,
    ),
  ),
  ofTokens('next', 'two proofs, one of them valid', async (tokens) => {
    const { authorization, dpop: proof } = bound(tokens);
    const bytes = post(PRINCIPAL, { authorization, dpop: proof }).replace('\r\n\r\n', `\r\ndpop: ${proof}\r\n\r\n`);
    await expectRefused(tokens, {}, BAD_PROOF, bytes);
  }),
  ofTokens('next', 'one that is not bound, with DPoP', async (tokens) => {
    const token = tokens.issuer.token();
    const proof = tokens.client.proof(token, { htu: OWN_URL });
    await expectRefused(tokens, { authorization: `DPoP ${token}`, dpop: proof }, /^DPoP error="invalid_token"/);
  }),
  ofTokens('next', 'an opaque one that is bound, as a bearer token', async (tokens) => {
    tokens.server.active.set('opaque-bound', { sub: 'c1', aud: AUDIENCE, cnf: { jkt: tokens.client.jkt } });
    await expectRefused(tokens, { authorization: 'Bearer opaque-bound' }, /^DPoP error="invalid_token"/);
    const proof = tokens.client.proof('opaque-bound', { htu: OWN_URL });
    expect(await principalOf(tokens, { authorization: 'DPoP opaque-bound', dpop: proof })).toBe('c1');
  }),
];

/** Attacks with access tokens: forged, stolen, of others, too many. */
export const tokens: readonly Attack[] = [...jwts, ...secrets, ...places, ...opaque, ...dpop];
