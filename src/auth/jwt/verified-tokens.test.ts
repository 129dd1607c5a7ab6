import { expect, onTestFinished, test } from 'vitest';
import { authenticate } from '../../../test/support/auth/authenticators.ts';
import { AUDIENCE, ISSUER, startIssuer } from '../../../test/support/auth/issuer.ts';
import { signingKey } from '../../../test/support/auth/signing.ts';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { tokenAuthenticator } from '../tokens/token-authenticator.ts';

const REFRESH_MS = 600_000;
const MINUTE_MS = 60_000;

const started = async () => {
  const clock = manualClock();
  let back = 0;
  const wallTime = () => clock.wallTime() - back;
  const issuer = await startIssuer(wallTime);
  const settings = {
    issuer: ISSUER,
    audience: AUDIENCE,
    keys: { by: 'url', url: issuer.jwksUrl } as const,
    roles: 'roles',
    typ: 'at+jwt',
  };
  const authenticator = tokenAuthenticator({ issuers: [settings], clock, log: { warn: () => {} }, wallTime });
  onTestFinished(async () => {
    authenticator.close();
    await issuer[Symbol.asyncDispose]();
  });
  return {
    clock,
    issuer,
    setBack: (ms: number) => {
      back += ms;
    },
    principalOf: async (token: string) => {
      const authentication = await authenticate(authenticator, `Bearer ${token}`);
      return authentication?.is === 'authenticated' ? authentication.principal : authentication;
    },
  };
};

test('a token is verified once, and its requests share a principal with frozen claims', async () => {
  const { issuer, principalOf } = await started();
  const token = issuer.token({ nested: { list: [{ a: 1 }] } });
  const first = await principalOf(token);
  expect(await principalOf(token)).toBe(first);
  const claims = Reflect.get(Object(first), 'claims');
  for (const value of [claims, claims.nested, claims.nested.list, claims.nested.list[0]])
    expect(Object.isFrozen(value)).toBe(true);
});

test('a kept token is refused at its expiry', async () => {
  const { clock, issuer, principalOf } = await started();
  const token = issuer.token({ exp: Math.floor(clock.wallTime() / 1_000) + 60 });
  const first = await principalOf(token);
  clock.advance(MINUTE_MS - 1);
  expect(await principalOf(token)).toBe(first);
  clock.advance(1);
  expect(await principalOf(token)).toMatchObject({ is: 'invalid', message: expect.stringContaining('expired') });
});

test('a kept token is refused once its issuer has removed the key', async () => {
  const { clock, issuer, principalOf } = await started();
  const token = issuer.token({ exp: Math.floor(clock.wallTime() / 1_000) + 3_600 });
  expect(await principalOf(token)).toMatchObject({ subject: 'c1' });
  issuer.published = [signingKey('k2').jwk];
  clock.advance(REFRESH_MS);
  await issuer.arrived(2);
  await expect.poll(() => principalOf(token)).toMatchObject({ is: 'invalid' });
});

test('after the clock was set back, a kept token is verified again', async () => {
  const { clock, issuer, principalOf, setBack } = await started();
  const now = Math.floor(clock.wallTime() / 1_000);
  const token = issuer.token({ nbf: now - 10 });
  expect(await principalOf(token)).toMatchObject({ subject: 'c1' });
  setBack(MINUTE_MS);
  expect(await principalOf(token)).toMatchObject({ is: 'invalid', message: expect.stringContaining('not valid yet') });
});

test('a kept token does not make another form of it valid', async () => {
  const { issuer, principalOf } = await started();
  const token = issuer.token();
  await principalOf(token);
  for (const other of [`${token}A`, token.slice(0, -1), `${token}=`, token.replace('.', '..')])
    expect(await principalOf(other)).toMatchObject({ is: 'invalid' });
});

test('claims nested thousands of levels deep are kept', async () => {
  const { issuer, principalOf } = await started();
  const levels = 1_500;
  const deep: unknown = JSON.parse('['.repeat(levels) + ']'.repeat(levels));
  const first = await principalOf(issuer.token({ deep }));
  expect(first).toMatchObject({ subject: 'c1' });
});
