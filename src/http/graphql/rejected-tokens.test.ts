import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startIssuer } from '../../../test/support/auth/issuer.ts';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { publicRig, silent } from '../../../test/support/http/public-rig.ts';
import { exchange, post, rawConnection } from '../../../test/support/http/raw-http.ts';
import { NOW, PRINCIPAL, settingsOf, type TokenRig, tokenRig, wallTime } from '../../../test/support/http/token-rig.ts';
import { tokenAuthenticator } from '../../auth/tokens/token-authenticator.ts';
import { type Clock, systemClock } from '../../core/clock.ts';

describe('an invalid token is 401 with the reason', () => {
  let rig: TokenRig;
  beforeAll(async () => {
    rig = await tokenRig();
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  const rows: readonly (readonly [title: string, token: () => string, fault: string])[] = [
    ['an expired token', () => rig.issuer.token({ exp: NOW - 60 }), 'expired'],
    ['a token that expires now', () => rig.issuer.token({ exp: NOW }), 'expired'],
    ['a token valid in a minute', () => rig.issuer.token({ nbf: NOW + 60 }), 'not valid yet'],
    ['a token issued in the future', () => rig.issuer.token({ iat: NOW + 60 }), 'not valid yet'],
    ['a token of an unknown issuer', () => rig.issuer.token({ iss: 'https://x.example' }), 'unknown issuer'],
    ['a token for another audience', () => rig.issuer.token({ aud: 'warehouse' }), 'wrong audience'],
    ['a token without audience', () => rig.issuer.token({ aud: undefined }), 'wrong audience'],
    [
      'a token with an unknown key',
      () => rig.issuer.token({}, { kid: 'x' }),
      'not signed with a published key of its issuer',
    ],
    ['a token signed with another key', () => rig.evil.token(), 'not signed with a published key of its issuer'],
    ['an ID token', () => rig.issuer.token({}, { typ: 'JWT' }), 'malformed or of an unsupported type'],
    ['text that is not a token', () => 'undefined', 'malformed or of an unsupported type'],
    ['a token with an empty subject', () => rig.issuer.token({ sub: '' }), 'malformed or of an unsupported type'],
  ];

  test.each(rows)('%s', async (_title, token, fault) => {
    const { status, headers, body } = await rig.sendRequest(`Bearer ${token()}`);
    const message = `Invalid token: ${fault}.`;
    expect({ status, authenticate: headers['www-authenticate'], errors: body.errors }).toEqual({
      status: 401,
      // RFC 6750, 3
      authenticate: `Bearer error="invalid_token", error_description="${message}"`,
      errors: [{ message, extensions: { code: 'UNAUTHENTICATED', requestId: headers['x-request-id'] } }],
    });
  });

  test('a token with a forged signature reveals nothing about its other claims', async () => {
    const answers = [{}, { exp: 1 }, { aud: 'warehouse' }, { sub: 1 }].map(
      async (claims) => (await rig.sendRequest(`Bearer ${rig.evil.token(claims)}`)).headers['www-authenticate'],
    );
    expect(new Set(await Promise.all(answers)).size).toBe(1);
  });
});

/** A listener that has not fetched the keys of its issuer yet. */
const cold = async (requestTimeoutMs: number, clock: Clock = systemClock) => {
  const issuer = await startIssuer(wallTime);
  const authenticator = tokenAuthenticator({ issuers: [settingsOf(issuer)], clock, log: silent, wallTime });
  const edge = await publicRig({ requestTimeoutMs }, { authenticator, clock });
  onTestFinished(async () => {
    authenticator.close();
    await edge[Symbol.asyncDispose]();
    await issuer[Symbol.asyncDispose]();
  });
  const sendRequest = async (query: string) =>
    (await exchange(edge.port, post(query, { authorization: `Bearer ${issuer.token()}` }))).answer;
  return { issuer, edge, sendRequest };
};

describe('the timeout of a request includes fetching the keys', () => {
  test('a hanging issuer is awaited until the timeout of the request at most: 503 with Retry-After', async () => {
    const clock = manualClock();
    const { issuer, sendRequest } = await cold(100, clock);
    issuer.answer = () => {};
    const asked = sendRequest(PRINCIPAL);
    await issuer.arrived(1);
    // The timeout of the fetch itself is 5 s.
    clock.advance(100);
    const answer = await asked;
    expect(answer?.status).toBe(503);
    expect(Number(answer?.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({ errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] });
  });

  test('a request that times out does not abort the shared fetch of keys: the next request uses its result', async () => {
    const clock = manualClock();
    const { issuer, sendRequest } = await cold(500, clock);
    const held: (() => void)[] = [];
    issuer.answer = (response) => void held.push(() => response.end(JSON.stringify({ keys: issuer.published })));
    const first = sendRequest(PRINCIPAL);
    await issuer.arrived(1);
    clock.advance(500);
    expect((await first)?.status).toBe(503);
    const second = sendRequest(PRINCIPAL);
    for (const answer of held) answer();
    expect((await second)?.status).toBe(200);
    expect(issuer.requests).toHaveLength(1);
  });

  test('the time spent on fetching keys is deducted from the deadline of the request', async () => {
    const clock = manualClock();
    const { issuer, edge, sendRequest } = await cold(3_000, clock);
    const { promise: mayAnswer, resolve: answerKeys } = Promise.withResolvers<void>();
    issuer.answer = (response) => void mayAnswer.then(() => response.end(JSON.stringify({ keys: issuer.published })));
    const start = clock.now();
    const arrived = edge.gateway.slowArrived();
    const answer = sendRequest(JSON.stringify({ query: '{ slow }' }));
    await issuer.arrived(1);
    clock.advance(1_000);
    answerKeys();
    const { deadline } = await arrived;
    expect(deadline - start).toBe(3_000);
    edge.gateway.answerSlow('at last');
    expect((await answer)?.status).toBe(200);
  });
});

test('a client that disconnects while its token waits for keys causes no error', async () => {
  const { issuer, edge, sendRequest } = await cold(30_000);
  const held: (() => void)[] = [];
  issuer.answer = (response) => void held.push(() => response.end(JSON.stringify({ keys: issuer.published })));
  const connection = await rawConnection(edge.port);
  connection.send(post(PRINCIPAL, { authorization: `Bearer ${issuer.token()}` }));
  await issuer.arrived(1);
  connection.socket.destroy();
  for (const answer of held) answer();
  issuer.answer = null;
  expect((await sendRequest(PRINCIPAL))?.status).toBe(200);
  expect(edge.errors).toEqual([]);
});
