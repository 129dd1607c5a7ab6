import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { BAD_TOKENS } from '../../../test/support/http/bad-tokens.ts';
import { bodiless, exchange, post, rawConnection } from '../../../test/support/http/raw-http.ts';
import { PRINCIPAL, type TokenAnswer, type TokenRig, tokenRig } from '../../../test/support/http/token-rig.ts';

let rig: TokenRig;

beforeAll(async () => {
  rig = await tokenRig();
});

afterAll(() => rig[Symbol.asyncDispose]());

const COUNT = JSON.stringify({ query: 'mutation { count }' });

/** A well-formed token of an untrusted issuer. */
const untrusted = () => rig.evil.token();

/** All messages for invalid tokens. */
const MESSAGES = [
  'malformed or of an unsupported type',
  'encrypted tokens are not supported',
  'expired',
  'not valid yet',
  'unknown issuer',
  'wrong audience',
  'not signed with a published key of its issuer',
].map((fault) => `Invalid token: ${fault}.`);

const expectBadToken = ({ status, headers, body }: TokenAnswer) => {
  const [, description = ''] =
    /^Bearer error="invalid_token", error_description="([^"\\]*)"$/.exec(headers['www-authenticate'] ?? '') ?? [];
  expect(status).toBe(401);
  expect(MESSAGES).toContain(description);
  expect(body).toEqual({
    errors: [{ message: description, extensions: { code: 'UNAUTHENTICATED', requestId: headers['x-request-id'] } }],
  });
};

describe('an invalid token is 401 for the whole request, and causes no fetch of keys', () => {
  test.each(BAD_TOKENS)('row %s: %s', async (row, _input, token) => {
    const before = [rig.issuer.requests.length, rig.second.requests.length];
    const text = await token(rig);
    expectBadToken(await rig.sendRequest(`Bearer ${text}`));
    // Within the cooldown, even an unknown key causes no fetch.
    expect([rig.issuer.requests.length, rig.second.requests.length], row).toEqual(before);
    expect(rig.evil.requests).toEqual([]);
  });

  test.each([
    'Basic YzE6c2VjcmV0',
    'Bearer',
    'Bearer ',
    'Bearer a b',
    'Token abc',
    'Negotiate abc',
    `Bearer ${'a'.repeat(9_000)}`,
    'null',
    'Bearer undefined',
    'Bearer null',
  ])('Authorization: %.40s', async (authorization) => expectBadToken(await rig.sendRequest(authorization)));

  test.each([
    ['two valid tokens', () => [`Bearer ${rig.issuer.token()}`, `Bearer ${rig.issuer.token({ sub: 'c2' })}`]],
    ['an empty value before a valid token', () => ['', `Bearer ${rig.issuer.token()}`]],
    ['an empty value after a valid token', () => [`Bearer ${rig.issuer.token()}`, '']],
  ])('a repeated Authorization header is rejected: %s', async (_title, values) => {
    const lines = values().map((value) => `authorization: ${value}\r\n`);
    const { answer } = await exchange(rig.edge.port, post(PRINCIPAL).replace('\r\n\r\n', `\r\n${lines.join('')}\r\n`));
    expect(answer?.status).toBe(401);
  });

  test('a mutation with an invalid token is not executed', async () => {
    const before = rig.edge.gateway.mutations();
    const { answer } = await exchange(rig.edge.port, post(COUNT, { authorization: `Bearer ${untrusted()}` }));
    expect(answer?.status).toBe(401);
    expect(rig.edge.gateway.mutations()).toBe(before);
    await exchange(rig.edge.port, post(COUNT, { authorization: `Bearer ${rig.issuer.token()}` }));
    expect(rig.edge.gateway.mutations()).toBe(before + 1);
  });

  test('an invalid token is rejected with GET', async () => {
    const headers = { authorization: `Bearer ${untrusted()}`, 'apollo-require-preflight': 'yes' };
    const { answer } = await exchange(rig.edge.port, bodiless('GET', '/graphql?query=%7Bprincipal%7D', headers));
    expect(answer?.status).toBe(401);
  });

  test('an invalid token is rejected before the body arrives', async () => {
    const connection = await rawConnection(rig.edge.port);
    onTestFinished(() => void connection.socket.destroy());
    const bytes = post('x'.repeat(9_000), { authorization: 'Bearer x' });
    connection.send(bytes.slice(0, -8_999));
    expect((await connection.answers(1))[0]?.status).toBe(401);
  });

  test('an invalid token leaves nothing in the log', () => expect(rig.edge.errors).toEqual([]));
});
