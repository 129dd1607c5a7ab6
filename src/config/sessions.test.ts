import { expect, test } from 'vitest';
import { readSessions, sessionKeysFault } from './sessions.ts';

const read = (text: string) => {
  const faults: string[] = [];
  return { settings: readSessions(text, (fault) => void faults.push(fault)), faults };
};

const NEEDED = 'client=shop;secret=OIDC_SECRET;keys=SESSION_KEYS;origin=https://shop.example';

test('sessions need an issuer, a client, keys and an origin; all else has a default', () => {
  expect(read(`https://id.example;${NEEDED}`)).toEqual({
    faults: [],
    settings: {
      issuer: 'https://id.example',
      client: { id: 'shop', by: 'client_secret_basic', variable: 'OIDC_SECRET', keyId: null },
      keysVariable: 'SESSION_KEYS',
      origin: 'https://shop.example',
      ...{ scope: 'openid', roles: 'roles', claims: [], idleS: 1_800, absoluteS: 43_200 },
    },
  });
});

test.each([
  ['http://id.example', NEEDED, ['the issuer must start with https://']],
  ['http://localhost:4106', NEEDED, []],
  ['https://u:p@id.example', NEEDED, ['the issuer must not have a user']],
  ['https://id.example', 'roles=groups', ['client is missing', 'keys is missing', 'origin is missing']],
  ['https://id.example', NEEDED.replace('https://shop', 'http://shop'), ['origin must be an origin']],
  ['https://id.example', NEEDED.replace('shop.example', 'shop.example/'), ['origin must be an origin']],
  ['https://id.example', NEEDED.replace('https://shop.example', 'http://localhost:4000'), []],
  ['https://id.example', `${NEEDED};scope=profile`, ['scope must have the word openid']],
  ['https://id.example', `${NEEDED};idleS=59`, ['idleS must be a whole number of seconds from 60']],
  ['https://id.example', `${NEEDED};idleS=600;absoluteS=300`, ['idleS must not be above absoluteS']],
  ['https://id.example', `${NEEDED};idle=600`, ['unknown option']],
  ['https://id.example', NEEDED.replace('SESSION_KEYS', 'c2VjcmV0LXZhbHVl'), ['keys must be the name of the variable']],
])('%s;%s has the problems %j, all at once', (issuer, options, expected) => {
  const { faults } = read(`${issuer};${options}`);
  expect(faults.length).toBe(expected.length);
  for (const [at, fault] of expected.entries()) expect(faults[at]).toContain(fault);
});

test('keys are 1 to 10 of 32 bytes or more; a fault shows no part of them', () => {
  const key = (byte: number, length = 32) => Buffer.alloc(length, byte).toString('base64');
  expect(sessionKeysFault(key(1))).toBe(null);
  expect(sessionKeysFault(`${key(1)},\n${Buffer.alloc(48, 2).toString('base64url')}`)).toBe(null);
  for (const text of ['', ',', 'secret', key(1, 31), `${key(1)},short`, Array(11).fill(key(1)).join(',')])
    expect([text, sessionKeysFault(text)?.startsWith('must have 1 to 10 keys')]).toEqual([text, true]);
});
