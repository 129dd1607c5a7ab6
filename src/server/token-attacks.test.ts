import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { BAD_TOKENS } from './test-support/bad-tokens.ts';
import { bodiless, exchange, post, rawConnection } from './test-support/raw-http.ts';
import { PRINCIPAL, type TokenAnswer, type TokenRig, tokenRig } from './test-support/token-rig.ts';

let rig: TokenRig;

beforeAll(async () => {
  rig = await tokenRig();
});

afterAll(() => rig[Symbol.asyncDispose]());

const COUNT = JSON.stringify({ query: 'mutation { count }' });

/** Well made, and by a stranger. */
const strange = () => rig.evil.token();

/** All that anybody learns of a bad token. */
const WHAT_IS_WRONG = [
  'malformed or of an unsupported type',
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
  expect(WHAT_IS_WRONG).toContain(description);
  expect(body).toEqual({
    errors: [{ message: description, extensions: { code: 'UNAUTHENTICATED', requestId: headers['x-request-id'] } }],
  });
};

describe('a bad token is 401 for the whole request, and nobody is asked about it', () => {
  test.each(BAD_TOKENS)('row %s: %s', async (row, _input, token) => {
    const before = [rig.issuer.requests.length, rig.second.requests.length];
    const text = await token(rig);
    expectBadToken(await rig.ask(`Bearer ${text}`));
    // Within the cooldown not even for an unknown key.
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
  ])('Authorization: %.40s', async (authorization) => expectBadToken(await rig.ask(authorization)));

  test('scheme and token in a good header, twice', async () => {
    const lines = `authorization: Bearer ${rig.issuer.token()}\r\nauthorization: Bearer ${rig.issuer.token({ sub: 'c2' })}`;
    const { answer } = await exchange(rig.edge.port, post(PRINCIPAL).replace('\r\n\r\n', `\r\n${lines}\r\n\r\n`));
    expect(answer?.status).toBe(401);
  });

  test('no mutation is executed with one', async () => {
    const before = rig.edge.gateway.mutations();
    const { answer } = await exchange(rig.edge.port, post(COUNT, { authorization: `Bearer ${strange()}` }));
    expect(answer?.status).toBe(401);
    expect(rig.edge.gateway.mutations()).toBe(before);
    await exchange(rig.edge.port, post(COUNT, { authorization: `Bearer ${rig.issuer.token()}` }));
    expect(rig.edge.gateway.mutations()).toBe(before + 1);
  });

  test('with GET', async () => {
    const headers = { authorization: `Bearer ${strange()}`, 'apollo-require-preflight': 'yes' };
    const { answer } = await exchange(rig.edge.port, bodiless('GET', '/graphql?query=%7Bprincipal%7D', headers));
    expect(answer?.status).toBe(401);
  });

  test('and the answer comes before the body', async () => {
    const connection = await rawConnection(rig.edge.port);
    onTestFinished(() => void connection.socket.destroy());
    const bytes = post('x'.repeat(9_000), { authorization: 'Bearer x' });
    connection.send(bytes.slice(0, -8_999));
    expect((await connection.answers(1))[0]?.status).toBe(401);
  });

  test('nothing of it is in the log', () => expect(rig.edge.errors).toEqual([]));
});
