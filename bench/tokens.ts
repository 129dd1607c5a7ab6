/** `node bench/tokens.ts`: CPU of authenticating one request with an access token, by its kind. */
import { createHash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Caller } from '../src/auth/authenticator.ts';
import { firstCredential } from '../src/auth/first-credential.ts';
import { tokenAuthenticator } from '../src/auth/tokens/token-authenticator.ts';
import { constantText } from '../src/config/secrets/secret-store.ts';
import { systemClock } from '../src/core/clock.ts';
import { principalKey } from '../src/request/principal.ts';
import type { CredentialCost } from './harness/credential-costs.ts';
import { reportCosts } from './report/credentials.ts';

const REQUESTS = 2_000;
const ROUNDS = 15;
const ISSUER = 'https://id.example';
const TARGET = '/graphql';

const issuerKeys = await generateKeyPair('ES256');
const clientKeys = await generateKeyPair('ES256');
const clientJwk = await exportJWK(clientKeys.publicKey);
const jwks = { keys: [{ ...(await exportJWK(issuerKeys.publicKey)), kid: 'k1', alg: 'ES256' }] };

const tokenWith = (claims: Readonly<Record<string, unknown>>): Promise<string> =>
  new SignJWT({ scope: 'orders:read stock:write', roles: ['admin'], ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ: 'at+jwt' })
    .setIssuer(ISSUER)
    .setAudience('shop')
    .setSubject('c1')
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(issuerKeys.privateKey);

const proofFor = (token: string): Promise<string> =>
  new SignJWT({
    htm: 'POST',
    htu: `https://shop.example${TARGET}`,
    ath: createHash('sha256').update(token).digest('base64url'),
  })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: clientJwk })
    .setJti(randomUUID())
    .setIssuedAt()
    .sign(clientKeys.privateKey);

/** The issuer: its keys, and introspection of every token as active. */
const fetch = async (url: string) =>
  url.endsWith('/keys')
    ? Response.json(jwks)
    : Response.json({ active: true, sub: 'c1', aud: 'shop', scope: 'orders:read stock:write', token_type: 'Bearer' });

const open = () =>
  firstCredential([
    tokenAuthenticator({
      issuers: [
        { issuer: ISSUER, audience: 'shop', keys: { by: 'url', url: `${ISSUER}/keys` }, roles: 'roles', typ: 'at+jwt' },
      ],
      introspection: {
        issuer: 'https://opaque.example',
        endpoint: 'https://opaque.example/introspect',
        audience: 'shop',
        client: { id: 'gateway', by: 'client_secret_basic', variable: 'SECRET', keyId: null },
        roles: 'roles',
        ttlMs: 3_600_000,
      },
      clock: systemClock,
      log: console,
      secretOf: () => constantText('secret'),
      // The type of undici's responses has members of a newer version of the standard.
      requests: { fetch: fetch as never },
    }),
  ]);

type Request = Readonly<Record<string, string>>;

const callerOf = (request: Request): Caller => {
  const values = new Map(Object.entries(request).map(([name, value]) => [name, [value]]));
  return {
    valuesOf: (name) => values.get(name),
    certificate: undefined,
    ...{ method: 'POST', target: TARGET, scheme: 'https', host: 'shop.example' },
    network: () => '192.0.2.1',
  };
};

const bound = await tokenWith({ cnf: { jkt: await calculateJwkThumbprint(clientJwk) } });
const known = await tokenWith({});

/** Makes the requests of one round, by kind. */
const KINDS: Readonly<Record<string, () => Promise<readonly Request[]>>> = {
  'JWT, verified before': async () => Array.from({ length: REQUESTS }, () => ({ authorization: `Bearer ${known}` })),
  'JWT, new': () =>
    Promise.all(Array.from({ length: REQUESTS }, async () => ({ authorization: `Bearer ${await tokenWith({})}` }))),
  'opaque token, introspected before': async () =>
    Array.from({ length: REQUESTS }, () => ({ authorization: 'Bearer opaque-token-of-43-characters-aaaaaaaaaaaaa' })),
  'JWT with a DPoP proof': () =>
    Promise.all(
      Array.from({ length: REQUESTS }, async () => ({ authorization: `DPoP ${bound}`, dpop: await proofFor(bound) })),
    ),
};

const { signal } = new AbortController();

/** CPU of one request in microseconds, from the headers to the key of the principal. */
const cpuOfOne = async (requests: readonly Request[]): Promise<number> => {
  const authenticator = open();
  const callers = requests.map(callerOf);
  const authenticate = async (caller: Caller | undefined) => {
    const result = caller === undefined ? null : await authenticator.credentialOf(caller)?.verify(signal);
    if (result?.is !== 'authenticated') throw new Error(`a request was not authenticated: ${result?.is}`);
    principalKey(result.principal);
  };
  // Fetches the keys, and introspects the token that is sent again.
  await authenticate(callers[0]);
  const before = process.cpuUsage();
  for (const caller of callers.slice(1)) await authenticate(caller);
  const { user, system } = process.cpuUsage(before);
  authenticator.close();
  return (user + system) / (callers.length - 1);
};

const costs: CredentialCost[] = [];
for (const [kind, requestsOf] of Object.entries(KINDS)) {
  const cpuUsByRound: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) cpuUsByRound.push(await cpuOfOne(await requestsOf()));
  costs.push({ name: kind, cpuUsByRound });
}
reportCosts(costs);
