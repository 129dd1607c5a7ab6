import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { discoverEndpoint } from './server-metadata.ts';

/** Answers requests for metadata with a status, a text, or JSON; a URL without an answer is 404. */
const servers = (answers: Readonly<Record<string, unknown>>) => {
  const requested: string[] = [];
  const fetch = async (url: string) => {
    requested.push(url);
    const answer = answers[url] ?? 404;
    if (typeof answer === 'number') return new Response('', { status: answer });
    return typeof answer === 'string' ? new Response(answer) : Response.json(answer);
  };
  const keysOf = (issuer: string) =>
    discoverEndpoint(issuer, 'jwks_uri', manualClock(), { fetch: fetch as never }).catch(
      (error: Error) => error.message,
    );
  return { requested, keysOf };
};

const ISSUER = 'https://id.example/realms/shop';
const OPENID = `${ISSUER}/.well-known/openid-configuration`;
const OAUTH = 'https://id.example/.well-known/oauth-authorization-server/realms/shop';
const KEYS = 'https://keys.example/shop';

test('keys are at the jwks_uri of the metadata of OpenID Connect, by one request', async () => {
  const { requested, keysOf } = servers({ [OPENID]: { issuer: ISSUER, jwks_uri: KEYS } });
  expect(await keysOf(ISSUER)).toBe(KEYS);
  expect(requested).toEqual([OPENID]);
});

test.each([404, 401, 405])('the metadata of RFC 8414 are used after %i for those of OpenID Connect', async (status) => {
  const { requested, keysOf } = servers({
    [OPENID]: status,
    [OAUTH]: { issuer: ISSUER, jwks_uri: KEYS },
  });
  expect(await keysOf(ISSUER)).toBe(KEYS);
  expect(requested).toEqual([OPENID, OAUTH]);
});

test('a slash at the end of an issuer is not doubled, and is part of its name', async () => {
  const issuer = 'https://id.example/';
  const { requested, keysOf } = servers({
    'https://id.example/.well-known/openid-configuration': { issuer, jwks_uri: KEYS },
  });
  expect(await keysOf(issuer)).toBe(KEYS);
  expect(await keysOf('https://id.example')).toBe('the metadata are those of another issuer');
  expect(new Set(requested).size).toBe(1);
});

const https = (url: string) => ({ issuer: ISSUER, jwks_uri: url });

test.each([
  ['metadata of another issuer', { issuer: 'https://evil.example', jwks_uri: KEYS }, 'those of another issuer'],
  ['an issuer in another case', { issuer: ISSUER.toUpperCase(), jwks_uri: KEYS }, 'those of another issuer'],
  ['no issuer', { jwks_uri: KEYS }, 'no object with an issuer'],
  ['a list', [{ issuer: ISSUER, jwks_uri: KEYS }], 'no object with an issuer'],
  ['no jwks_uri', { issuer: ISSUER }, 'have no jwks_uri'],
  ['a jwks_uri that is no text', { issuer: ISSUER, jwks_uri: [KEYS] }, 'have no jwks_uri'],
  ['plain http for the keys', https('http://id.example/keys'), 'jwks_uri of the metadata must start with https://'],
  ['keys in a file', https('file:///etc/passwd'), 'must start with https://'],
  ['a password', https('https://u:p@id.example/keys'), 'must not contain a user or a password'],
  ['a path', https('/keys'), 'is not a URL'],
  ['a page', '<!doctype html>', 'JSON'],
  ['300 KiB', ' '.repeat(300_000), 'more than 262144 bytes'],
  ['an error', 500, 'status 500'],
])('%s is refused, and no other metadata are requested', async (_title, answer, reason) => {
  const { requested, keysOf } = servers({ [OPENID]: answer, [OAUTH]: { issuer: ISSUER, jwks_uri: KEYS } });
  expect(await keysOf(ISSUER)).toContain(reason);
  expect(requested).toEqual([OPENID]);
});

test('an issuer with plain http may have keys with plain http', async () => {
  const issuer = 'http://127.0.0.1:4105';
  const url = `${issuer}/keys`;
  const { keysOf } = servers({ [`${issuer}/.well-known/openid-configuration`]: { issuer, jwks_uri: url } });
  expect(await keysOf(issuer)).toBe(url);
});
