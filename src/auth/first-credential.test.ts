import { expect, test } from 'vitest';
import { callerWith } from '../../test/support/auth/authenticators.ts';
import type { Authenticator } from './authenticator.ts';
import { firstCredential } from './first-credential.ts';

/** Recognises every value of a header that starts with `prefix`, and verifies it as the subject `<name> <value>`. */
const kind = (name: string, header: string, prefix = '') => {
  const verified: string[] = [];
  const authenticator: Authenticator = {
    credentialOf: ({ valuesOf }) => {
      const [value] = valuesOf(header) ?? [];
      if (value === undefined || !value.startsWith(prefix)) return null;
      const verify = async () => {
        verified.push(value);
        const user = { kind: 'user', subject: `${name} ${value}`, issuer: name, scopes: [], roles: [] } as const;
        return { is: 'authenticated', principal: user } as const;
      };
      return { source: header, verify };
    },
    close: () => void verified.push('closed'),
  };
  return { authenticator, verified };
};

const rig = () => {
  const [opaque, jwt, apiKey] = [
    kind('opaque', 'authorization', 'ref_'),
    kind('jwt', 'authorization'),
    kind('key', 'x-api-key'),
  ];
  const combined = firstCredential([opaque.authenticator, jwt.authenticator, apiKey.authenticator]);
  const authenticate = (headers: Readonly<Record<string, readonly string[]>>) =>
    combined.credentialOf(callerWith(headers))?.verify(new AbortController().signal) ?? null;
  return { combined, authenticate, verified: () => [opaque, jwt, apiKey].map((one) => one.verified) };
};

test.each([
  ['ref_1', 'opaque ref_1'],
  ['a.b.c', 'jwt a.b.c'],
])('%s is verified by the first authenticator that recognises it, and by no other', async (value, subject) => {
  const { authenticate, verified } = rig();
  expect(await authenticate({ authorization: [value] })).toMatchObject({ principal: { subject } });
  expect(verified().flat()).toEqual([value]);
});

test('a later authenticator verifies a credential that the others do not recognise', async () => {
  expect(await rig().authenticate({ 'x-api-key': ['k'] })).toMatchObject({ principal: { subject: 'key k' } });
});

test.each([
  ['two headers', { authorization: ['a.b.c'], 'x-api-key': ['k'] }],
  ['two headers of one name', { authorization: ['a.b.c', 'd.e.f'] }],
  ['two headers of one name, one of them empty', { authorization: ['a.b.c', ''] }],
])('credentials in %s are refused, and none is verified', async (_title, headers) => {
  const { authenticate, verified } = rig();
  const message = 'The request has more than one credential. Send one only.';
  expect(await authenticate(headers)).toEqual({
    is: 'invalid',
    message,
    challenge: `Bearer error="invalid_request", error_description="${message}"`,
  });
  expect(verified().flat()).toEqual([]);
});

test('a request without a credential has none, and is not refused', () => {
  expect(rig().authenticate({ accept: ['*/*'] })).toBeNull();
});

test('closing closes every authenticator', () => {
  const { combined, verified } = rig();
  combined.close();
  expect(verified()).toEqual([['closed'], ['closed'], ['closed']]);
});
