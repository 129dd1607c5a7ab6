import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startIssuer } from '../auth/test-support/issuer.ts';
import { createVerifier } from '../auth/verifier.ts';
import { systemClock } from '../clock.ts';
import { publicRig, silent } from './test-support/public-rig.ts';
import { exchange, post, rawConnection } from './test-support/raw-http.ts';
import { NOW, PRINCIPAL, settingsOf, type TokenRig, tokenRig, wallTime } from './test-support/token-rig.ts';

describe('whoever sends a bad token is told that it was refused, and why', () => {
  let rig: TokenRig;
  beforeAll(async () => {
    rig = await tokenRig();
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  const rows: readonly (readonly [what: string, token: () => string, words: string])[] = [
    ['one that has ended', () => rig.issuer.token({ exp: NOW - 60 }), 'expired'],
    ['one that ends now', () => rig.issuer.token({ exp: NOW }), 'expired'],
    ['one that begins in a minute', () => rig.issuer.token({ nbf: NOW + 60 }), 'not valid yet'],
    ['one of the future', () => rig.issuer.token({ iat: NOW + 60 }), 'not valid yet'],
    ['one of a stranger', () => rig.issuer.token({ iss: 'https://x.example' }), 'unknown issuer'],
    ['one for others', () => rig.issuer.token({ aud: 'warehouse' }), 'wrong audience'],
    ['one for nobody', () => rig.issuer.token({ aud: undefined }), 'wrong audience'],
    [
      'one with an unknown key',
      () => rig.issuer.token({}, { kid: 'x' }),
      'not signed with a published key of its issuer',
    ],
    ['one with another key', () => rig.evil.token(), 'not signed with a published key of its issuer'],
    ['an ID token', () => rig.issuer.token({}, { typ: 'JWT' }), 'malformed or of an unsupported type'],
    ['no token at all', () => 'undefined', 'malformed or of an unsupported type'],
    ['one of nobody', () => rig.issuer.token({ sub: '' }), 'malformed or of an unsupported type'],
  ];

  test.each(rows)('%s', async (_what, token, words) => {
    const { status, headers, body } = await rig.ask(`Bearer ${token()}`);
    const message = `Invalid token: ${words}.`;
    expect({ status, authenticate: headers['www-authenticate'], errors: body.errors }).toEqual({
      status: 401,
      // RFC 6750, 3
      authenticate: `Bearer error="invalid_token", error_description="${message}"`,
      errors: [{ message, extensions: { code: 'UNAUTHENTICATED', requestId: headers['x-request-id'] } }],
    });
  });

  test('without having signed it, nobody learns whether the rest would have been good', async () => {
    const answers = [{}, { exp: 1 }, { aud: 'warehouse' }, { sub: 1 }].map(
      async (claims) => (await rig.ask(`Bearer ${rig.evil.token(claims)}`)).headers['www-authenticate'],
    );
    expect(new Set(await Promise.all(answers)).size).toBe(1);
  });
});

/** A listener that has never seen the keys of its issuer. */
const cold = async (requestTimeoutMs: number) => {
  const issuer = await startIssuer(wallTime);
  const verifier = createVerifier({ issuers: [settingsOf(issuer)], clock: systemClock, log: silent, wallTime });
  const edge = await publicRig({ requestTimeoutMs }, { verifier });
  onTestFinished(async () => {
    verifier.close();
    await edge[Symbol.asyncDispose]();
    await issuer[Symbol.asyncDispose]();
  });
  const ask = async (query: string) =>
    (await exchange(edge.port, post(query, { authorization: `Bearer ${issuer.token()}` }))).answer;
  return { issuer, edge, ask };
};

describe('the time for an answer includes that for the keys', () => {
  test('an issuer that hangs is waited for no longer than the request may take: 503 with Retry-After', async () => {
    const { issuer, ask } = await cold(100);
    issuer.answer = () => {};
    const start = systemClock.now();
    const answer = await ask(PRINCIPAL);
    expect(answer?.status).toBe(503);
    expect(Number(answer?.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({ errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] });
    // Its own limit is 5 s.
    expect(systemClock.now() - start).toBeLessThan(4_000);
  });

  test('whoever gave up ends the fetch for nobody: the next one gets the keys it brings', async () => {
    const { issuer, ask } = await cold(500);
    const held: (() => void)[] = [];
    issuer.answer = (response) => void held.push(() => response.end(JSON.stringify({ keys: issuer.published })));
    expect((await ask(PRINCIPAL))?.status).toBe(503);
    const second = ask(PRINCIPAL);
    for (const answer of held) answer();
    expect((await second)?.status).toBe(200);
    expect(issuer.requests).toHaveLength(1);
  });

  test('what the keys took is gone for the rest of the request', async () => {
    const { issuer, edge, ask } = await cold(3_000);
    const { promise: mayAnswer, resolve: answerKeys } = Promise.withResolvers<void>();
    issuer.answer = (response) => void mayAnswer.then(() => response.end(JSON.stringify({ keys: issuer.published })));
    const start = systemClock.now();
    const arrived = edge.gateway.slowArrived();
    const answer = ask(JSON.stringify({ query: '{ slow }' }));
    await issuer.arrived(1);
    systemClock.after(1_000, answerKeys);
    const { deadline } = await arrived;
    // Had it begun anew, it would be 4 s at least.
    expect(deadline - start).toBeLessThan(3_950);
    edge.gateway.answerSlow('at last');
    expect((await answer)?.status).toBe(200);
  });
});

test('a client that leaves while its token waits for keys leaves nothing behind', async () => {
  const { issuer, edge, ask } = await cold(300);
  const held: (() => void)[] = [];
  issuer.answer = (response) => void held.push(() => response.end(JSON.stringify({ keys: issuer.published })));
  const connection = await rawConnection(edge.port);
  connection.send(post(PRINCIPAL, { authorization: `Bearer ${issuer.token()}` }));
  await issuer.arrived(1);
  connection.socket.destroy();
  for (const answer of held) answer();
  issuer.answer = null;
  expect((await ask(PRINCIPAL))?.status).toBe(200);
  expect(edge.errors).toEqual([]);
});
