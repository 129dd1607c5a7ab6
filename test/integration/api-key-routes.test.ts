import { defineBackend, pass, rest } from 'tributary/backend';
import { expect, onTestFinished, test } from 'vitest';
import { apiKeyAuthenticator } from '../../src/auth/api-keys/api-key-authenticator.ts';
import { firstCredential } from '../../src/auth/first-credential.ts';
import { fixedKeys, issuedKey } from '../support/auth/api-keys.ts';
import { routedGateway, TRUSTED_SUBJECTS } from '../support/gateway/routed-gateway.ts';
import { typeDefs } from '../support/modules/small-modules.ts';

const API_KEY = { requestHeaders: { allow: ['x-api-key'] } };

const module = defineBackend()({
  name: 'files',
  typeDefs: typeDefs('type Query { files: Int }'),
  upstreams: {
    files: rest({ timeoutMs: 150_000, forward: { identity: 'token', headers: ['x-api-key'] } }),
  },
  routes: {
    'GET /open': pass('files', API_KEY),
    'GET /secured': pass('files', { ...API_KEY, authenticated: true }),
    'GET /scoped': pass('files', { ...API_KEY, scopes: [['files:read']] }),
    'GET /own': pass('files', { requestHeaders: { set: { 'x-api-key': 'of-the-gateway' } } }),
  },
  resolvers: { Query: { files: () => 1 } },
});

const reader = issuedKey({ scopes: ['files:read'] });
const other = issuedKey();

const rig = async (isDirect: boolean) => {
  const keys = apiKeyAuthenticator({ keys: fixedKeys([reader, other]) });
  const listener = { authenticator: firstCredential([keys, TRUSTED_SUBJECTS]), directEdge: isDirect };
  const gateway = await routedGateway([module], (_request, response) => void response.end('ok'), { listener });
  onTestFinished(() => gateway[Symbol.asyncDispose]());
  const get = async (path: string, headers: Readonly<Record<string, string>>) =>
    (await fetch(`${gateway.origin}${path}`, { headers })).status;
  return { get, received: gateway.received };
};

const SENT = [
  ['X-API-Key', (key: string) => ({ 'x-api-key': key })],
  ['Authorization', (key: string) => ({ authorization: `ApiKey ${key}` })],
] as const;

for (const isDirect of [true, false])
  test.each(SENT)(
    `${isDirect ? 'direct edge' : 'long way'}: a route admits an API key in %s by its scopes, and its backend receives no part of it`,
    async (_header, headersOf) => {
      const { get, received } = await rig(isDirect);
      const [read, others] = [headersOf(reader.text), headersOf(other.text)];
      const statuses = [
        ...[await get('/open', read), await get('/secured', read), await get('/scoped', read)],
        ...[await get('/secured', {}), await get('/scoped', others), await get('/own', read)],
      ];
      expect(statuses).toEqual([200, 200, 200, 401, 403, 200]);
      expect(received).toHaveLength(4);
      expect(JSON.stringify(received)).not.toMatch(/tby_/);
      expect(received.map(({ headers }) => headers['x-api-key'])).toEqual([
        ...[undefined, undefined, undefined],
        'of-the-gateway',
      ]);
    },
  );

test('the header passes as any other if no API key identified the caller', async () => {
  const { get, received } = await rig(true);
  expect(await get('/open', { authorization: 'Bearer alice', 'x-api-key': '' })).toBe(200);
  expect(received[0]?.headers.authorization).toBe('Bearer alice');
});
