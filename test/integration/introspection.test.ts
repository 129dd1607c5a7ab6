import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { authenticationSecrets, openAuthentication } from '../../src/app/identity/authentication.ts';
import { readSecrets } from '../../src/config/secrets/read-secrets.ts';
import { secretStore } from '../../src/config/secrets/secret-store.ts';
import { readConfig } from '../../src/config/settings.ts';
import { systemClock, wallTime } from '../../src/core/clock.ts';
import { authenticate, callerWith } from '../support/auth/authenticators.ts';
import { dpopClient } from '../support/auth/dpop.ts';
import { type OpaqueProvider, startOpaqueProvider } from '../support/auth/opaque-provider.ts';
import { manualClock } from '../support/clock/manual-clock.ts';

/*
 * Introspection at a real authorization server, oidc-provider, found by its metadata. The gateway's clock is a manual one
 * for times to live; tokens end by the system's time.
 */

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

let provider: OpaqueProvider;
beforeAll(async () => {
  provider = await startOpaqueProvider({ ...publicKey.export({ format: 'jwk' }), use: 'sig', kid: 'k1' });
});
afterAll(() => provider[Symbol.asyncDispose]());

const start = (client: string, more: Readonly<Record<string, string>>) => {
  const env = { TOKEN_INTROSPECTION: `${provider.issuer};audience=shop;ttlMs=20000;${client}`, ...more };
  const { found, problems } = readSecrets(env, authenticationSecrets(env));
  expect(problems).toEqual([]);
  const clock = manualClock();
  const warnings: unknown[] = [];
  const secrets = secretStore(found, systemClock);
  const authenticator = openAuthentication(readConfig(env, []).settings, {
    clock,
    log: { warn: (message, fields) => void warnings.push({ message, ...fields }) },
    secrets,
  });
  onTestFinished(() => {
    authenticator.close();
    secrets.close();
  });
  return {
    clock,
    warnings,
    verify: (token: string) => authenticate(authenticator, `Bearer ${token}`),
    prove: (token: string, proof: string) =>
      authenticator
        .credentialOf(
          callerWith({ authorization: [`DPoP ${token}`], dpop: [proof] }, undefined, { host: 'shop.example' }),
        )
        ?.verify(new AbortController().signal),
  };
};

const bySecret = () => start('client=gateway;secret=INTROSPECTION_SECRET', { INTROSPECTION_SECRET: provider.secret });

test.each([
  ['its secret', bySecret],
  [
    'a private key',
    () =>
      start('client=gateway-with-key;key=INTROSPECTION_KEY;kid=k1', {
        INTROSPECTION_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      }),
  ],
])(
  'the token of a user is introspected by a client with %s, and refused within ttlMs of its revocation',
  async (_title, open) => {
    const { clock, verify } = open();
    const token = await provider.userToken('c1');
    const before = provider.introspections();
    const user = { kind: 'user', subject: 'c1', issuer: provider.issuer, scopes: ['orders:read'] };
    for (let request = 0; request < 20; request += 1)
      expect(await verify(token)).toMatchObject({ is: 'authenticated', principal: user });
    expect(provider.introspections() - before).toBe(1);
    await provider.revoke(token);
    clock.advance(20_000 - 1);
    expect(await verify(token)).toMatchObject({ is: 'authenticated' });
    clock.advance(1);
    expect(await verify(token)).toMatchObject({ is: 'invalid', message: 'Invalid token: not active.' });
    expect(provider.introspections() - before).toBe(2);
  },
);

test('the token of a client for itself has the client as subject', async () => {
  const { verify } = bySecret();
  const principal = { subject: 'client:app', issuer: provider.issuer, scopes: ['orders:read'] };
  expect(await verify(await provider.clientToken())).toMatchObject({ is: 'authenticated', principal });
});

test('a token that the server has bound to a key needs a proof by that key', async () => {
  const { verify, prove } = bySecret();
  const [client, thief] = [await dpopClient(wallTime), await dpopClient(wallTime)];
  const token = await provider.userToken('c1', { jkt: client.jkt });
  expect(await verify(token)).toMatchObject({ is: 'invalid', challenge: expect.stringMatching(/^DPoP /) });
  expect(await prove(token, thief.proof(token))).toMatchObject({ is: 'invalid' });
  expect(await prove(token, client.proof(token))).toMatchObject({ principal: { subject: 'c1' } });
});

test('refresh tokens and unknown tokens are refused', async () => {
  const { verify } = bySecret();
  expect(await verify(await provider.refreshToken('c1'))).toMatchObject({ is: 'invalid' });
  expect(await verify('unknown')).toMatchObject({ is: 'invalid', message: 'Invalid token: not active.' });
});

test('a JWT, which this server does not introspect, is refused as invalid', async () => {
  const { verify, warnings } = bySecret();
  const jwt = 'eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIn0.eyJpc3MiOiJodHRwczovL290aGVyLmV4YW1wbGUifQ.AAAA';
  for (let attempt = 0; attempt < 6; attempt += 1)
    expect(await verify(`${jwt}${attempt}`)).toMatchObject({ is: 'invalid', message: 'Invalid token: not active.' });
  expect(warnings).toEqual([]);
});

test('a wrong secret of the gateway is 503 for its clients, and a warning for operators', async () => {
  const { verify, warnings } = start('client=gateway;secret=INTROSPECTION_SECRET', { INTROSPECTION_SECRET: 'wrong' });
  for (let attempt = 1; attempt <= 5; attempt += 1)
    expect(await verify(`t${attempt}`)).toMatchObject({ is: 'unverifiable', retryAfterS: 1 });
  expect(warnings).toEqual([expect.objectContaining({ issuer: provider.issuer, reason: 'status 401' })]);
});
