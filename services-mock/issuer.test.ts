import { createPublicKey, verify, type webcrypto } from 'node:crypto';
import { expect, test } from 'vitest';
import { AUDIENCE, ISSUER } from './issuer.ts';
import type { RunningMock } from './start.ts';
import { callsOf, http, json, mockFor, setFaults } from './test-clients.ts';

const tokenFor = async (mock: RunningMock, wanted: object): Promise<string> =>
  (await json(`${mock.url}/token`, { method: 'POST', body: wanted })).body.access_token;

const publishedBy = async (mock: RunningMock) => (await json(`${mock.url}/.well-known/jwks.json`)).body.keys;

const read = (token: string) => {
  const [header = '', claims = '', signature = ''] = token.split('.');
  const parsed = (text: string) => JSON.parse(Buffer.from(text, 'base64url').toString());
  return { signed: `${header}.${claims}`, signature, header: parsed(header), claims: parsed(claims) };
};

type PublishedKey = webcrypto.JsonWebKey & { readonly kid: string };

/** True if one of these published keys signed the token. */
const isSignedBy = (keys: readonly PublishedKey[], token: string): boolean => {
  const { signed, signature, header } = read(token);
  const jwk = keys.find(({ kid }) => kid === header.kid);
  if (jwk === undefined) return false;
  const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
  return verify('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
};

test('a token has the requested claims and is signed with a published key', async () => {
  const mock = await mockFor('issuer');
  const token = await tokenFor(mock, { sub: 'c1', scope: 'a b', roles: ['admin'], expiresIn: 60 });
  const { header, claims } = read(token);
  expect(header).toMatchObject({ alg: 'ES256', typ: 'at+jwt' });
  expect(claims).toMatchObject({ iss: ISSUER, aud: AUDIENCE, sub: 'c1', scope: 'a b', roles: ['admin'] });
  expect(claims.exp - claims.iat).toBe(60);
  expect(isSignedBy(await publishedBy(mock), token)).toBe(true);
});

test('claims and type can be set and removed, for tokens that must be rejected', async () => {
  const mock = await mockFor('issuer');
  const wanted = {
    sub: 'c1',
    expiresIn: -1,
    claims: { iss: 'evil', nbf: 1 },
    header: { typ: 'JWT', alg: 'none', kid: 'x' },
  };
  const { header, claims } = read(await tokenFor(mock, wanted));
  expect(header).toMatchObject({ typ: 'JWT', alg: 'ES256' });
  expect(header.kid).not.toBe('x');
  expect(claims).toMatchObject({ iss: 'evil', nbf: 1 });
  expect(claims.exp).toBeLessThan(claims.iat);
});

test.each([{}, { sub: '' }, { sub: 1 }, { sub: 'c1', scope: ['a'] }, { sub: 'c1', colour: 'red' }])(
  'a wish like %j is refused',
  async (wanted) => {
    const mock = await mockFor('issuer');
    expect((await json(`${mock.url}/token`, { method: 'POST', body: wanted })).status).toBe(400);
  },
);

test('the configuration names keys and token endpoint under the requested host', async () => {
  const mock = await mockFor('issuer');
  expect((await json(`${mock.url}/.well-known/openid-configuration`)).body).toMatchObject({
    issuer: ISSUER,
    jwks_uri: `${mock.url}/.well-known/jwks.json`,
    token_endpoint: `${mock.url}/token`,
  });
});

test('no part of a private key is published', async () => {
  const [key] = await publishedBy(await mockFor('issuer'));
  expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
});

test('keys rotate in steps: publish, sign, retire', async () => {
  const mock = await mockFor('issuer');
  const rotate = async (...steps: readonly string[]) =>
    (await json(`${mock.controlUrl}/__rotate`, { method: 'POST', body: { steps } })).body;
  const before = await tokenFor(mock, { sub: 'c1' });

  const { published, signing } = await rotate('publish');
  expect(published).toHaveLength(2);
  expect(read(await tokenFor(mock, { sub: 'c1' })).header.kid).toBe(signing);
  expect(signing).toBe(read(before).header.kid);

  expect(await rotate('sign')).toEqual({ published, signing: published[1] });
  const after = await tokenFor(mock, { sub: 'c1' });
  const both = await publishedBy(mock);
  expect([before, after].map((token) => isSignedBy(both, token))).toEqual([true, true]);

  await rotate('retire');
  const one = await publishedBy(mock);
  expect([before, after].map((token) => isSignedBy(one, token))).toEqual([false, true]);
});

test('a rotation without a step publishes a key and signs with it', async () => {
  const mock = await mockFor('issuer');
  const { body } = await json(`${mock.controlUrl}/__rotate`, { method: 'POST' });
  expect(body).toEqual({ published: [expect.any(String), body.signing], signing: body.signing });
  expect((await json(`${mock.controlUrl}/__rotate`, { method: 'POST', body: { steps: ['explode'] } })).status).toBe(
    400,
  );
});

test('only the issuer has keys to rotate', async () => {
  const mock = await mockFor('accounts');
  expect((await http(`${mock.controlUrl}/__rotate`, { method: 'POST' })).status).toBe(404);
});

test('the issuer has a log and faults as the other mocks', async () => {
  const mock = await mockFor('issuer');
  await setFaults(mock, { route: 'GET /.well-known/jwks.json', kind: 'status', status: 500 });
  expect((await http(`${mock.url}/.well-known/jwks.json`)).status).toBe(500);
  expect((await callsOf(mock)).map(({ route, status }) => [route, status])).toEqual([
    ['GET /.well-known/jwks.json', 500],
  ]);
});
