import { secret } from 'tributary/backend';
import { expect, test } from 'vitest';
import { ofGrpc, ofRest } from '../../../../test/support/modules/test-module.ts';

const KEY = secret('KEY');
const USE_SECRET = "secret('SHOP_KEY'), which reads the environment variable SHOP_KEY or the file of SHOP_KEY_FILE";
const CLIENT = { tokenUrl: 'https://login.example/token', clientId: 'shop', clientSecret: KEY };

test.each<[object, readonly string[]]>([
  [{ auth: { bearer: 'canary' } }, [`auth.bearer of upstream stock is invalid: use ${USE_SECRET}`]],
  [{ auth: 'canary' }, ['auth of upstream stock is invalid: use an object with its options']],
  [
    { auth: {} },
    [
      'auth of upstream stock is invalid: use one of basic, bearer, apiKey, clientCredentials, tokenExchange and internalToken',
    ],
  ],
  [
    { auth: { bearer: KEY, basic: { user: 'a', password: KEY } } },
    [
      'auth of upstream stock is invalid: use one of basic, bearer, apiKey, clientCredentials, tokenExchange and internalToken',
    ],
  ],
  [{ auth: { basic: { user: 'a' } } }, [`auth.basic of upstream stock has no password: add it: ${USE_SECRET}`]],
  [
    { auth: { basic: { user: 'a:b', password: KEY } } },
    ['auth.basic.user of upstream stock has a colon, which a user cannot have: correct it'],
  ],
  [
    { auth: { apiKey: { value: KEY } } },
    ['auth.apiKey of upstream stock is invalid: set either header or query to the name of the key'],
  ],
  [
    { auth: { apiKey: { header: 'a', query: 'b', value: KEY } } },
    ['auth.apiKey of upstream stock is invalid: set either header or query to the name of the key'],
  ],
  [
    { auth: { apiKey: { header: 'host', value: KEY } } },
    ['auth of upstream stock sets host, which comes from the endpoint: set the upstream’s variable'],
  ],
  [
    { auth: { clientCredentials: { ...CLIENT, tokenUrl: 'https://ann:canary@login.example/' } } },
    [
      "auth.clientCredentials.tokenUrl of upstream stock is invalid: use a URL without a user, as in tokenUrl: 'https://login.example.com/oauth/token'",
    ],
  ],
  [
    { auth: { clientCredentials: { ...CLIENT, authMethod: 'jwt' } } },
    ['auth.clientCredentials.authMethod of upstream stock is invalid: use "basic" or "post"'],
  ],
  [{ headers: ['canary'] }, ['headers of upstream stock is invalid: use an object with names and values']],
  [{ headers: { a: 7 } }, ['headers of upstream stock is invalid: use a text or a secret as the value of "a"']],
  [
    { headers: { 'x-key': `Key ${KEY}` } },
    [
      'headers of upstream stock is invalid: use the secret itself as the value of "x-key", or the option auth: a text made of a secret has no value',
    ],
  ],
  [
    { headers: { Authorization: 'Bearer canary' } },
    ['headers of upstream stock is invalid: use secret(\'NAME\') as the value of "Authorization", or the option auth'],
  ],
  [{ headers: { 'a b': 'x' } }, ['headers of upstream stock sets a b, which is not a valid name: correct it']],
  [
    { headers: { a: 'line\nend' } },
    [
      'headers of upstream stock sets a, which has a value with characters that are not allowed, or with a space at an end: correct it',
    ],
  ],
  [
    { headers: { 'Content-Length': '7' } },
    ['headers of upstream stock sets content-length, which is counted from the body: remove it'],
  ],
  [
    { headers: { traceparent: 'x' } },
    ['headers of upstream stock sets traceparent, which comes from the request’s trace: remove it'],
  ],
  [
    { headers: { 'x-request-id': 'x' } },
    ['headers of upstream stock sets x-request-id, which is set by the gateway: remove it: it is that of each request'],
  ],
  [
    { headers: { 'X-Key': KEY, 'x-key': KEY } },
    ['upstream stock sets the header x-key twice: keep it in one of headers and auth, in one spelling'],
  ],
  [
    { headers: { authorization: KEY }, auth: { bearer: KEY } },
    ['upstream stock sets the header authorization twice: keep it in one of headers and auth, in one spelling'],
  ],
  [
    { auth: { clientCredentials: CLIENT }, forward: { identity: 'token' } },
    [
      'upstream stock sends authorization of the gateway (auth) and of the caller (forward.identity): remove one of them',
    ],
  ],
  [
    { auth: { tokenExchange: CLIENT } },
    [
      'auth.tokenExchange of upstream stock is invalid: set audience or resource to the name of the backend at the authorization server',
    ],
  ],
  [
    { auth: { internalToken: { withoutIdentity: 'guess' } } },
    ['auth.internalToken.withoutIdentity of upstream stock is invalid: use "refuse" or "send"'],
  ],
  [
    { auth: { internalToken: {} }, forward: { identity: 'token' } },
    [
      'upstream stock sends authorization of the gateway (auth) and of the caller (forward.identity): remove one of them',
    ],
  ],
  [
    { headers: { 'Accept-Language': 'de' }, forward: { headers: ['accept-language'] } },
    [
      'upstream stock sends accept-language of the gateway (headers) and of the caller (forward.headers): remove one of them',
    ],
  ],
])('REST: %j is rejected', (options, lines) => {
  expect(ofRest(options)).toEqual(lines);
  expect(lines.join()).not.toContain('canary');
});

test('gRPC: reserved metadata and a key in a query are rejected', () => {
  expect(ofGrpc({ auth: { apiKey: { query: 'key', value: KEY } } })).toEqual([
    'auth.apiKey.query of upstream stock is for REST: use header',
  ]);
  expect(ofGrpc({ headers: { 'grpc-encoding': 'gzip' } })).toEqual([
    'headers of upstream stock sets grpc-encoding, which is reserved by gRPC: remove it',
  ]);
});

test.each<object>([
  { headers: { 'user-agent': 'shop', 'x-key': KEY } },
  { auth: { bearer: KEY }, forward: { client: true, headers: ['accept-language'] } },
  { auth: { apiKey: { header: 'x-key', value: KEY } }, forward: { identity: 'token' } },
  { auth: { clientCredentials: { ...CLIENT, tokenUrl: secret('TOKEN_URL'), scopes: ['a'], audience: 'b' } } },
  { auth: { tokenExchange: { ...CLIENT, audience: ['a'], resource: ['https://b.example'], scopes: ['c'] } } },
  { auth: { internalToken: { audience: 'a', withoutIdentity: 'send' } } },
])('%j is valid', (options) => {
  expect(ofRest(options)).toEqual([]);
  expect(ofGrpc(options)).toEqual([]);
});
