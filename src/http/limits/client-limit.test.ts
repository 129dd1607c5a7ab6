import { expect, onTestFinished, test, vi } from 'vitest';
import { trusting } from '../../../test/support/auth/authenticators.ts';
import { publicRig } from '../../../test/support/http/public-rig.ts';
import { rawConnection } from '../../../test/support/http/raw-http.ts';
import type { Authenticator, Caller, Credential } from '../../auth/authenticator.ts';
import { systemClock } from '../../core/clock.ts';
import { clientLimit } from './exchange-limits.ts';

const limitOf = (limit: number) => clientLimit({ limit, seconds: 60 }, systemClock);

/** Accepts every token as the name of its subject, except `bad`. Knows the token `known`. */
const trustingMost = trusting((subject) => ({
  kind: 'user',
  issuer: 'https://issuer.invalid',
  subject,
  scopes: [],
  roles: [],
}));
const withKnown = (caller: Caller): Credential | null => {
  const credential = trustingMost.credentialOf(caller);
  const isKnown = () => caller.valuesOf('authorization')?.[0] === 'Bearer known';
  return credential === null ? null : { ...credential, isKnown };
};
const authenticator: Authenticator = {
  ...trustingMost,
  credentialOf: (caller) =>
    caller.valuesOf('authorization')?.[0] === 'Bearer bad'
      ? {
          source: 'authorization',
          verify: async () => ({ is: 'invalid', message: 'This token is not good.', challenge: 'Bearer' }),
        }
      : withKnown(caller),
};

const asker =
  (origin: string) =>
  async (headers: Record<string, string> = {}, query = 'mutation { count }') => {
    const answer = await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query }),
    });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  };

test('a request above the quota is rejected with Retry-After, and nothing is executed', async () => {
  await using rig = await publicRig({}, { limits: limitOf(3) });
  const sendRequest = asker(rig.origin);
  const answers = [await sendRequest(), await sendRequest(), await sendRequest(), await sendRequest()];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
  expect(rig.gateway.mutations()).toBe(3);
  expect(answers.map(({ headers }) => headers.get('ratelimit')?.replace(/;t=\d+/, ''))).toEqual([
    '"client";r=2',
    '"client";r=1',
    '"client";r=0',
    '"client";r=0',
  ]);
  const { headers, body } = answers[3] ?? { headers: new Headers(), body: null };
  expect(headers.get('ratelimit-policy')).toBe('"client";q=3;w=60');
  const [, reset] = /t=(\d+)/.exec(headers.get('ratelimit') ?? '') ?? [];
  expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(Number(reset));
  expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(60);
  expect(body).toEqual({
    errors: [
      {
        message: 'Too many requests. Try again later.',
        extensions: {
          code: 'RATE_LIMITED',
          // The same field as for a rate-limited field.
          details: { retryAfter: Number(headers.get('retry-after')) },
          requestId: headers.get('x-request-id'),
        },
      },
    ],
  });
});

test('a request above the quota is rejected before its body arrives', async () => {
  await using rig = await publicRig({}, { limits: limitOf(1) });
  await asker(rig.origin)();
  const connection = await rawConnection(rig.port);
  connection.send(
    'POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{',
  );
  const [answer] = await connection.answers(1);
  expect(answer?.status).toBe(429);
  connection.socket.destroy();
});

test('each user has a quota, and anonymous clients share one for their network', async () => {
  await using rig = await publicRig({}, { limits: limitOf(1), authenticator });
  const sendRequest = asker(rig.origin);
  const status = async (headers?: Record<string, string>) => (await sendRequest(headers)).status;
  expect(await status({ authorization: 'Bearer c1' })).toBe(200);
  expect(await status({ authorization: 'Bearer c2' })).toBe(200);
  expect(await status()).toBe(200);
  expect(await status({ authorization: 'Bearer c1' })).toBe(429);
  expect(await status()).toBe(429);
});

test('invalid tokens count against the network’s quota, not against that of a user', async () => {
  await using rig = await publicRig({}, { limits: limitOf(2), authenticator });
  const sendRequest = asker(rig.origin);
  const statuses: number[] = [];
  for (let n = 0; n < 4; n += 1) statuses.push((await sendRequest({ authorization: 'Bearer bad' })).status);
  expect(statuses).toEqual([401, 401, 429, 429]);
  expect((await sendRequest({ authorization: 'Bearer known' })).status).toBe(200);
});

test('probes and preflights are not counted, and CORS exposes the limit headers', async () => {
  const origin = 'https://shop.example';
  await using rig = await publicRig({ corsOrigins: [origin] }, { limits: limitOf(1) });
  const preflight = { origin, 'access-control-request-method': 'POST' };
  for (let n = 0; n < 3; n += 1) {
    expect((await fetch(`${rig.origin}/livez`)).status).toBe(200);
    expect((await fetch(`${rig.origin}/graphql`, { method: 'OPTIONS', headers: preflight })).status).toBe(204);
  }
  expect((await asker(rig.origin)({ origin })).status).toBe(200);
  const { status, headers } = await asker(rig.origin)({ origin });
  expect(status).toBe(429);
  expect(headers.get('access-control-allow-origin')).toBe(origin);
  expect(headers.get('access-control-expose-headers')).toMatch(/retry-after/);
});

test('without a limit nothing is counted', async () => {
  await using rig = await publicRig();
  expect((await asker(rig.origin)()).headers.get('ratelimit')).toBeNull();
});

test('Retry-After stays within the window after the wall clock is set back by a day', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  await using rig = await publicRig({}, { limits: limitOf(1) });
  const sendRequest = asker(rig.origin);
  expect((await sendRequest()).status).toBe(200);
  vi.setSystemTime(Date.now() - 86_400_000);
  const refused = await sendRequest();
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
  expect(JSON.stringify(refused.body)).toMatch(/"retryAfter":([1-9]|[1-5]\d|60)\b/);
});

test("the explorer's notice is neither limited nor counted, and needs no valid token", async () => {
  await using rig = await publicRig({}, { authenticator, limits: limitOf(1) });
  const headers = { accept: 'text/html', authorization: 'Bearer bad' };
  const notices = [1, 2, 3].map(() => fetch(`${rig.origin}/graphql`, { headers }));
  for (const notice of await Promise.all(notices)) expect(await notice.text()).toContain('The explorer is off');
  const sendRequest = asker(rig.origin);
  expect([(await sendRequest()).status, (await sendRequest()).status]).toEqual([200, 429]);
});
