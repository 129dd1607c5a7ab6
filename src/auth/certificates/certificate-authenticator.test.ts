import { expect, test } from 'vitest';
import { callerWith } from '../../../test/support/auth/authenticators.ts';
import type { ClientCertificate } from '../../request/client-certificate.ts';
import { principalKey } from '../../request/principal.ts';
import type { Authenticator } from '../authenticator.ts';
import { certificateAuthenticator } from './certificate-authenticator.ts';
import { connectionCredential } from './connection-credential.ts';

const CERTIFICATE: ClientCertificate = {
  subject: 'CN=billing',
  issuer: 'CN=ca',
  fingerprint: 'ab',
  names: [{ kind: 'URI', value: 'spiffe://shop/billing' }],
  validTo: 1_000,
};

const signal = new AbortController().signal;
const verified = async (authenticator: Authenticator, certificate: ClientCertificate | undefined, headers = {}) =>
  authenticator.credentialOf(callerWith(headers, certificate))?.verify(signal);

test('a certificate is a principal until its end, and 401 after it', async () => {
  let now = 1_000;
  const authenticator = certificateAuthenticator(() => now);
  expect(await verified(authenticator, undefined)).toBeUndefined();
  expect(await verified(authenticator, CERTIFICATE)).toEqual({
    is: 'authenticated',
    principal: {
      kind: 'certificate',
      subject: 'CN=billing',
      issuer: 'CN=ca',
      names: ['URI:spiffe://shop/billing'],
      scopes: [],
      roles: [],
    },
  });
  now = 1_001;
  expect(await verified(authenticator, CERTIFICATE)).toMatchObject({ is: 'invalid' });
});

test('principals of other names, issuers or kinds have other keys', async () => {
  const authenticator = certificateAuthenticator(() => 0);
  const keyOf = async (more: Partial<ClientCertificate>) => {
    const found = await verified(authenticator, { ...CERTIFICATE, ...more });
    return found?.is === 'authenticated' ? principalKey(found.principal) : null;
  };
  const user = principalKey({ kind: 'user', subject: 'CN=billing', issuer: 'CN=ca', scopes: [], roles: [] });
  const keys = [
    user,
    await keyOf({}),
    await keyOf({ subject: 'CN=other' }),
    await keyOf({ issuer: 'CN=other' }),
    await keyOf({ names: [] }),
  ];
  expect(new Set(keys).size).toBe(5);
  expect(await keyOf({ fingerprint: 'cd' })).toBe(keys[1]);
});

test('an invalid token is not replaced by a certificate', async () => {
  const invalid = { is: 'invalid', message: '', challenge: '' } as const;
  const tokens: Authenticator = {
    credentialOf: ({ valuesOf }) =>
      valuesOf('authorization') === undefined ? null : { source: 'authorization', verify: async () => invalid },
    close: () => {},
  };
  const both = connectionCredential(
    tokens,
    certificateAuthenticator(() => 0),
  );
  expect(await verified(both, CERTIFICATE, { authorization: ['Bearer x'] })).toEqual(invalid);
  expect(await verified(both, CERTIFICATE)).toMatchObject({ is: 'authenticated' });
});
