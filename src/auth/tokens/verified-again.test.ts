import { expect, test } from 'vitest';
import { callerWith } from '../../../test/support/auth/authenticators.ts';
import { dpopRig } from '../../../test/support/auth/dpop-rig.ts';

test('a bound token is verified again without another proof, until it expires', async () => {
  const { clock, client, token, open } = await dpopRig();
  const headers = { authorization: [`DPoP ${token}`], dpop: [client.proof(token)] };
  const credential = open().credentialOf(callerWith(headers, undefined, { host: 'shop.example' }));
  const { signal } = new AbortController();
  const verified = async () => (await credential?.verify(signal))?.is;
  const again = async () => (await credential?.verifyAgain?.(signal))?.is;
  expect([await verified(), await verified()]).toEqual(['authenticated', 'invalid']);
  expect([await again(), await again()]).toEqual(['authenticated', 'authenticated']);
  clock.advance(700_000);
  expect(await again()).toBe('invalid');
});
