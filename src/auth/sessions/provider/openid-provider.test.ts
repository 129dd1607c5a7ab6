import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { manualClock } from '../../../../test/support/clock/manual-clock.ts';
import { constantText } from '../../../config/secrets/secret-store.ts';
import type { SessionSettings } from '../../../config/sessions.ts';
import { openIdProvider, signInSecrets } from './openid-provider.ts';

const ISSUER = 'https://id.example';
const SETTINGS: SessionSettings = {
  ...{ issuer: ISSUER, origin: 'https://shop.example', scope: 'openid', keysVariable: 'KEYS', roles: 'roles' },
  client: { id: 'shop', by: 'client_secret_basic', variable: 'SECRET', keyId: null },
  ...{ claims: [], idleS: 1_800, absoluteS: 43_200 },
};
const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  jwks_uri: `${ISSUER}/jwks`,
  id_token_signing_alg_values_supported: ['ES256'],
};

const published = await generateKeyPair('ES256');
const other = await generateKeyPair('ES256');
const secrets = signInSecrets();
const CALLBACK = `?code=x&state=${secrets.state}`;

/** The client of a provider. Its token endpoint answers with `answer`. */
const opened = (answer: () => Promise<Response>) => {
  const requests: { readonly url: string; readonly redirect: unknown }[] = [];
  const fetch = async (url: string, { redirect }: RequestInit): Promise<Response> => {
    requests.push({ url, redirect });
    if (url === METADATA.token_endpoint) return answer();
    if (url === METADATA.jwks_uri)
      return Response.json({ keys: [{ ...(await exportJWK(published.publicKey)), alg: 'ES256' }] });
    return Response.json(METADATA);
  };
  const provider = openIdProvider({
    ...{ settings: SETTINGS, clock: manualClock(), secretOf: () => constantText('secret'), report: () => {} },
    // The type of undici's responses has members of a newer version of the standard.
    requests: { fetch: fetch as never },
  });
  return { ...provider, requests };
};

const granted = async (claims: object = {}, more: object = {}, key = published) => {
  const idToken = new SignJWT({ iss: ISSUER, aud: 'shop', sub: 'c1', nonce: secrets.nonce, ...claims })
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(key.privateKey);
  const tokens = { access_token: 'a', token_type: 'Bearer', expires_in: 300, id_token: await idToken };
  return Response.json({ ...tokens, ...more });
};

const REFUSED = { is: 'refused', error: null };

test('a sign-in has the tokens and the user of a valid answer', async () => {
  const { exchange } = opened(() => granted({ roles: ['admin'] }, { refresh_token: 'r0' }));
  expect(await exchange(CALLBACK, secrets)).toMatchObject({
    is: 'granted',
    tokens: { issuer: ISSUER, subject: 'c1', roles: ['admin'], accessToken: 'a', refreshToken: 'r0', lifetimeS: 300 },
  });
});

test.each([
  ['signed with a key that the provider does not publish', () => granted({}, {}, other)],
  ['with another nonce', () => granted({ nonce: 'other' })],
  ['of another issuer', () => granted({ iss: 'https://evil.example' })],
  ['for another client', () => granted({ aud: 'other' })],
  ['that is missing', () => granted({}, { id_token: undefined })],
])('an ID token %s signs nobody in', async (_what, answer) => {
  expect(await opened(answer).exchange(CALLBACK, secrets)).toMatchObject(REFUSED);
});

test('an answer of another state is refused, and its code is not sent', async () => {
  const { exchange, requests } = opened(granted);
  expect(await exchange('?code=x&state=other', secrets)).toMatchObject(REFUSED);
  expect(requests.map(({ url }) => url)).not.toContain(METADATA.token_endpoint);
});

test('a redirect of the token endpoint is not followed: the code and the secret stay at the provider', async () => {
  const { exchange, requests } = opened(async () => new Response(null, { status: 307, headers: { location: ISSUER } }));
  expect(await exchange(CALLBACK, secrets)).toMatchObject(REFUSED);
  expect(new Set(requests.map(({ redirect }) => redirect))).toEqual(new Set(['manual']));
});

const kept = {
  ...{ issuer: ISSUER, subject: 'c1', sid: 's1', claims: { name: 'A' }, scopes: ['openid'], roles: ['admin'] },
  ...{ idToken: 'old', accessToken: 'old', refreshToken: 'r0' },
};

test('a renewal without a new refresh token and ID token keeps those of before', async () => {
  const { refresh } = opened(() => granted({}, { id_token: undefined }));
  expect(await refresh(kept)).toEqual({ is: 'granted', tokens: { ...kept, accessToken: 'a', lifetimeS: 300 } });
});

test.each([
  ['invalid_client', 400, {}],
  ['invalid_client', 401, { 'www-authenticate': 'Basic realm="tokens"' }],
  ['unauthorized_client', 400, {}],
  ['temporarily_unavailable', 400, {}],
])(
  'a renewal that is refused for another reason than its token is no end of the session: %s, %i',
  async (error, status, headers) => {
    const { refresh } = opened(async () => Response.json({ error }, { status, headers }));
    expect(await refresh(kept)).toMatchObject({ is: 'unavailable' });
  },
);

test('a renewal with a token that cannot be used any more is refused', async () => {
  const { refresh } = opened(async () => Response.json({ error: 'invalid_grant' }, { status: 400 }));
  expect(await refresh(kept)).toMatchObject({ is: 'refused', error: 'invalid_grant' });
});

test('a renewal for another user is refused', async () => {
  const { refresh } = opened(() => granted({ sub: 'c2', nonce: undefined }, { refresh_token: 'r1' }));
  expect(await refresh(kept)).toMatchObject(REFUSED);
});
