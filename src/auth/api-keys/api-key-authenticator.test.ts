import { expect, test } from 'vitest';
import { fixedKeys, issuedKey } from '../../../test/support/auth/api-keys.ts';
import { callerWith } from '../../../test/support/auth/authenticators.ts';
import { apiKeyAuthenticator } from './api-key-authenticator.ts';

const key = issuedKey();
const counted: string[] = [];
const refused = (reason: string): void => void counted.push(reason);
const authenticator = apiKeyAuthenticator({ keys: fixedKeys([key]), refused });
const verified = (headers: Readonly<Record<string, readonly string[]>>) =>
  authenticator.credentialOf(callerWith(headers))?.verify(new AbortController().signal) ?? null;

test.each([
  ['x-api-key', key.text],
  ['authorization', `ApiKey ${key.text}`],
  ['authorization', `apikey   ${key.text}  `],
])('a key in %s is a principal: %.10s', async (header, value) => {
  expect(await verified({ [header]: [value] })).toMatchObject({
    principal: { kind: 'api-key', subject: key.record.id },
  });
});

test.each([
  [{}],
  [{ 'x-api-key': [''] }],
  [{ authorization: [' '] }],
  [{ authorization: [`Bearer ${key.text}`] }],
  [{ authorization: [`ApiKeys ${key.text}`] }],
  [{ authorization: [key.text] }],
  [{ cookie: [`x-api-key=${key.text}`] }],
])('%j has no API key', (headers) => {
  expect(authenticator.credentialOf(callerWith(headers))).toBeNull();
});

test('a refused key has a message, a challenge and a count, and nothing of the key', async () => {
  counted.length = 0;
  const message = 'Invalid API key: malformed.';
  const challenge = `ApiKey error="invalid_token", error_description="${message}"`;
  expect(await verified({ authorization: ['ApiKey'] })).toEqual({ is: 'invalid', message, challenge });
  expect(await verified({ 'x-api-key': [issuedKey().text] })).toMatchObject({ message: 'Invalid API key: unknown.' });
  const outdated = apiKeyAuthenticator({ keys: fixedKeys([], 'unavailable'), refused });
  const found = outdated.credentialOf(callerWith({ 'x-api-key': [key.text] }));
  expect(await found?.verify(new AbortController().signal)).toEqual({ is: 'unverifiable', retryAfterS: 1 });
  expect(counted).toEqual(['malformed', 'unknown', 'unverifiable']);
});

test('a valid key is known, and a guessed one is not', () => {
  const isKnown = (text: string) => authenticator.credentialOf(callerWith({ 'x-api-key': [text] }))?.isKnown?.();
  expect([isKnown(key.text), isKnown(issuedKey().text), isKnown('guess')]).toEqual([true, false, false]);
});
