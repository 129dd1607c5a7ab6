import { expect, test } from 'vitest';
import { readIntrospection } from './introspection.ts';
import { privateKeyFault } from './private-key.ts';

const read = (text: string) => {
  const faults: string[] = [];
  return { settings: readIntrospection(text, (fault) => void faults.push(fault)), faults };
};

const CLIENT = 'audience=shop;client=gateway;secret=INTROSPECTION_SECRET';

test('introspection needs an issuer, an audience and a client; the endpoint is that of the metadata by default', () => {
  expect(read(`https://id.example;${CLIENT}`)).toEqual({
    faults: [],
    settings: {
      issuer: 'https://id.example',
      endpoint: null,
      audience: 'shop',
      client: { id: 'gateway', by: 'client_secret_basic', variable: 'INTROSPECTION_SECRET', keyId: null },
      roles: 'roles',
      ttlMs: 30_000,
    },
  });
});

test('every option has a value of its own', () => {
  const text =
    'https://id.example;endpoint=https://id.example/introspect;audience=*;client=gateway;key=INTROSPECTION_KEY;kid=k1;roles=groups;ttlMs=5000';
  expect(read(text).settings).toMatchObject({
    endpoint: 'https://id.example/introspect',
    audience: null,
    client: { by: 'private_key_jwt', variable: 'INTROSPECTION_KEY', keyId: 'k1' },
    roles: 'groups',
    ttlMs: 5_000,
  });
  expect(read(`https://id.example;${CLIENT};auth=client_secret_post`).settings?.client.by).toBe('client_secret_post');
});

test.each([
  ['', ['the issuer is not a URL', 'audience is missing', 'client is missing']],
  ['opaque;audience=shop;client=g;secret=S', ['opaque: the issuer is not a URL']],
  ['https://id.example;audience=shop;client=g', ['secret is missing']],
  ['https://id.example;audience=shop;client=g;secret=S;key=K', ['has secret and key: remove one']],
  ['https://id.example;audience=shop;client=g;secret=canary', ['secret must be the name of the variable']],
  ['https://id.example;audience=shop;client=g;key=-canary', ['key must be the name of the variable']],
  [`https://id.example;${CLIENT};auth=none`, ['auth must be client_secret_basic or client_secret_post']],
  ['https://id.example;audience=a;client=g;key=K;auth=client_secret_post', ['auth is for a client with secret']],
  [`https://id.example;${CLIENT};kid=k1`, ['kid is for a client with key']],
  [`https://id.example;${CLIENT};ttlMs=0`, ['ttlMs must be a whole number from 1 to 3600000']],
  [`https://id.example;${CLIENT};ttlMs=1e3`, ['ttlMs must be a whole number from 1 to 3600000']],
  [`https://id.example;${CLIENT};endpoint=/introspect`, ['endpoint is not a URL']],
  [`https://id.example;${CLIENT};endpoint=https://u:canary@id.example/`, ['endpoint must not contain a user']],
  [`https://id.example;${CLIENT};ttl=3`, ['unknown option "ttl"; it is written as']],
])('%s is refused with all of its faults, and no value of a secret', (text, expected) => {
  const { settings, faults } = read(text);
  expect(settings).toBeNull();
  expect(faults).toHaveLength(expected.length);
  for (const [at, start] of expected.entries()) expect(faults[at]).toContain(start);
  expect(faults.join()).not.toContain('canary');
});

test.each([
  ['a public key', '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----'],
  ['a text', 'canary'],
])('%s is no private key', (_title, text) => {
  expect(privateKeyFault(text)).toBe('is no private key in PEM without a passphrase');
});
