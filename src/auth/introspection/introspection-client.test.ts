import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { introspectionRig } from '../../../test/support/auth/introspection-rig.ts';
import { INTROSPECTED_ISSUER } from '../../../test/support/auth/introspection-server.ts';
import { AUDIENCE } from '../../../test/support/auth/issuer.ts';

const client = { id: 'gateway', variable: 'KEY', keyId: 'k1' };

const pem = (key: KeyObject, type: 'pkcs8' | 'pkcs1' | 'sec1' = 'pkcs8'): string =>
  key.export({ type: type as 'pkcs8', format: 'pem' }).toString();

test.each([
  ['ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'pkcs8'],
  ['ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'sec1'],
  ['ES384', generateKeyPairSync('ec', { namedCurve: 'P-384' }), 'pkcs8'],
  ['RS256', generateKeyPairSync('rsa', { modulusLength: 2_048 }), 'pkcs1'],
  ['Ed25519', generateKeyPairSync('ed25519'), 'pkcs8'],
] as const)('a client with a private key authenticates with an assertion by %s', async (alg, pair, form) => {
  const { server, verify } = await introspectionRig(
    { client: { ...client, by: 'private_key_jwt' } },
    pem(pair.privateKey, form),
  );
  server.active.set('opaque', { sub: 'c1', aud: AUDIENCE });
  expect(await verify('opaque')).toBe('c1');
  const { parameters, headers } = server.requests[0] ?? {};
  const assertion = parameters?.get('client_assertion') ?? '';
  const verified = await jwtVerify(assertion, pair.publicKey, { audience: INTROSPECTED_ISSUER });
  expect(decodeProtectedHeader(assertion)).toMatchObject({ alg, kid: 'k1' });
  expect(verified.payload).toMatchObject({ iss: 'gateway', sub: 'gateway', jti: expect.any(String) });
  expect(parameters?.get('client_assertion_type')).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
  expect(headers?.authorization).toBeUndefined();
  expect(await verify('other')).toBe('not active');
  expect(server.requests[1]?.parameters.get('client_assertion')).not.toBe(assertion);
});

test('a client with client_secret_post sends its secret in the body', async () => {
  const { server, verify } = await introspectionRig({ client: { ...client, by: 'client_secret_post' } });
  expect(await verify('opaque')).toBe('not active');
  const { parameters, headers } = server.requests[0] ?? {};
  expect([parameters?.get('client_id'), parameters?.get('client_secret')]).toEqual(['gateway', 's:ecret&']);
  expect(headers?.authorization).toBeUndefined();
});
