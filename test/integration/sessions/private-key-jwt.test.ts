import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { LOGIN_CLIENT } from '../../../services-mock/login/provider-configuration.ts';
import { cookieClient } from '../../support/auth/cookie-client.ts';
import { chooseAtProvider, query, sessionRig, signInAs } from '../../support/auth/session-rig.ts';

const keyPair = (kind: 'P-256' | 'RSA' | 'Ed25519') => {
  const { publicKey, privateKey } =
    kind === 'RSA'
      ? generateKeyPairSync('rsa', { modulusLength: 2_048 })
      : kind === 'P-256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('ed25519');
  return {
    clientKey: { ...publicKey.export({ format: 'jwk' }), kid: 'k1' },
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
};

const client = (keyId: string | null) =>
  ({ id: LOGIN_CLIENT, by: 'private_key_jwt', variable: 'SECRET', keyId }) as const;

test.each([
  ['P-256', 'k1'],
  ['RSA', 'k1'],
  ['Ed25519', null],
] as const)(
  'a provider that requires private_key_jwt signs users in, renews their tokens and revokes them, with a key of %s',
  async (kind, keyId) => {
    const { clientKey, pem } = keyPair(kind);
    await using rig = await sessionRig({ clientKey, secret: pem, settings: { client: client(keyId) } });
    const browser = await signInAs(rig);
    rig.advance(301_000);
    expect((await query(browser, rig.origin, '{ principal }')).status).toBe(200);
    expect((await browser.post(rig.origin, '/auth/logout')).status).toBe(200);
    expect(rig.events.map(({ is }) => is)).toEqual(['signed-in', 'refreshed', 'signed-out']);
    // The revocation is not awaited by the logout.
    await expect.poll(() => rig.answersOf('POST /token/revocation')).toEqual([200]);
    expect(await rig.answersOf('POST /token')).toEqual([200, 200]);
  },
);

test('a provider refuses the assertion of another key, and the page receives its code', async () => {
  const { clientKey } = keyPair('P-256');
  const { pem } = keyPair('P-256');
  await using rig = await sessionRig({ clientKey, secret: pem, settings: { client: client('k1') } });
  const browser = cookieClient();
  const callback = await chooseAtProvider(browser, `${rig.origin}/auth/login?return_to=/orders`);
  const { headers } = await browser.request(callback);
  expect(headers.get('location')).toBe(`${rig.origin}/orders?sign_in=invalid_client`);
  expect(await rig.answersOf('POST /token')).toEqual([401]);
});
