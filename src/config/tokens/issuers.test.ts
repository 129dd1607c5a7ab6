import { expect, test } from 'vitest';
import { ConfigurationError } from '../../core/errors.ts';
import { readConfig } from '../settings.ts';

const issuersIn = (JWT_ISSUERS: string | undefined) => readConfig({ JWT_ISSUERS }, []).settings.JWT_ISSUERS;

const problemsIn = (JWT_ISSUERS: string): readonly string[] => {
  try {
    issuersIn(JWT_ISSUERS);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
};

test('the default is no issuer', () => {
  expect(issuersIn(undefined)).toEqual([]);
  expect(issuersIn('')).toEqual([]);
});

test('an issuer requires an audience and the URL of its keys; roles and the type of token have defaults', () => {
  expect(issuersIn('https://id.example;audience=shop;jwks=https://id.example/keys?v=1')).toEqual([
    {
      issuer: 'https://id.example',
      audience: 'shop',
      keys: { by: 'url', url: 'https://id.example/keys?v=1' },
      roles: 'roles',
      typ: 'at+jwt',
    },
  ]);
});

test('issuers are separated by commas, and spaces around every part are ignored', () => {
  const text =
    ' https://a.example ; audience = shop ; jwks = https://a.example/keys ; roles = realm_access.roles ; typ = JWT ,' +
    'b;audience=shop;jwks=http://127.0.0.1:4105/.well-known/jwks.json,';
  expect(issuersIn(text)).toEqual([
    {
      issuer: 'https://a.example',
      audience: 'shop',
      keys: { by: 'url', url: 'https://a.example/keys' },
      roles: 'realm_access.roles',
      typ: 'JWT',
    },
    {
      issuer: 'b',
      audience: 'shop',
      keys: { by: 'url', url: 'http://127.0.0.1:4105/.well-known/jwks.json' },
      roles: 'roles',
      typ: 'at+jwt',
    },
  ]);
});

test('an issuer without jwks and secret has its keys where its metadata say', () => {
  expect(issuersIn('https://id.example/realms/shop;audience=shop')).toMatchObject([{ keys: { by: 'discovery' } }]);
});

test('a secret is named by its variable, with HS256 by default', () => {
  const [first, second] = issuersIn('a;audience=x;typ=JWT;secret=JWT_SECRET,b;audience=x;secret=OTHER;alg=HS512');
  expect(first?.keys).toEqual({ by: 'secret', variable: 'JWT_SECRET', algorithm: 'HS256' });
  expect(second?.keys).toEqual({ by: 'secret', variable: 'OTHER', algorithm: 'HS512' });
});

const NO_NAME = 'JWT_ISSUERS: a: secret must be the name of the variable with the secret';

test.each([
  ['a;audience=x;secret=5up3r-secret', [NO_NAME]],
  [`a;audience=x;secret=${'A1'.repeat(32)}`, [NO_NAME]],
  ['a;audience=x;secret=JWT_SECRET;alg=RS256', ['JWT_ISSUERS: a: alg must be one of HS256, HS384, HS512']],
  ['a;audience=x;secret=JWT_SECRET;jwks=https://a/k', ['JWT_ISSUERS: a: has jwks and secret: remove one']],
  ['a;audience=x;jwks=https://a/k;alg=HS256', ['JWT_ISSUERS: a: alg is for an issuer with secret']],
  ['a;secret=JWT_SECRET', ['JWT_ISSUERS: a: audience is missing']],
  ['https://id.example?a;audience=x', ['JWT_ISSUERS: an issuer: jwks is missing']],
  ['https://id.example#a;audience=x', ['jwks is missing: set it to the URL of the keys of the issuer, which has no']],
])('%s is refused with all of its faults, and no value of a secret', (text, expected) => {
  const problems = problemsIn(text);
  expect(problems).toHaveLength(expected.length);
  for (const [at, start] of expected.entries()) expect(problems[at]).toContain(start);
  expect(problems.join()).not.toMatch(/5up3r|A1A1/);
});

test.each([
  ['a', ['JWT_ISSUERS: a: audience is missing', 'JWT_ISSUERS: a: jwks is missing']],
  ['a;audience=x', ['JWT_ISSUERS: a: jwks is missing']],
  ['a;audience=;jwks=https://a/k', ['JWT_ISSUERS: a: audience is empty']],
  ['a;audience=x;audience=y;jwks=https://a/k', ['JWT_ISSUERS: a: audience is set twice']],
  ['a;audience=x;jwks=keys', ['JWT_ISSUERS: a: jwks is not a URL']],
  ['a;audience=x;jwks=file:///keys', ['JWT_ISSUERS: a: jwks must start with https:// or http://']],
  ['a;audience=x;jwks=https://u:p@a/k', ['JWT_ISSUERS: an issuer: jwks must not contain a user or a password']],
  ['https://u:canary@a;jwks=https://a/k', ['JWT_ISSUERS: an issuer: audience is missing']],
  [
    'a;audience=x;jwks=https://u:p;canary@a/k',
    ['JWT_ISSUERS: an issuer: unknown option [redacted]', 'JWT_ISSUERS: an issuer: jwks is not a URL'],
  ],
  [
    'a;audience=x;jwks=https://u:canary,p@a/k',
    [
      'JWT_ISSUERS: an issuer: jwks is not a URL',
      'JWT_ISSUERS: an issuer: audience is missing',
      'JWT_ISSUERS: an issuer: jwks is missing',
    ],
  ],
  ['a;audience=x;jwks=https://a/b c', ['JWT_ISSUERS: a: jwks is not a URL']],
  ['a;aud=x;jwks=https://a/k', ['JWT_ISSUERS: a: unknown option "aud"']],
  ['audience=x;jwks=https://a/k', ['the issuer is missing before its options']],
  ['a;audience=x;jwks=https://a/k,a;audience=y;jwks=https://a/k', ['JWT_ISSUERS: a: is listed twice']],
  ['a;audience=x,b;jwks=https://b/k', ['JWT_ISSUERS: a: jwks is missing', 'JWT_ISSUERS: b: audience is missing']],
])('%s is refused with all of its faults', (text, expected) => {
  const problems = problemsIn(text);
  expect(problems).toHaveLength(expected.length);
  for (const [at, start] of expected.entries()) expect(problems[at]).toContain(start);
  expect(problems.join()).not.toContain('canary');
});
