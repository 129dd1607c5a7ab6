import { expect } from 'vitest';
import { keyWith, newKey } from '../../../src/auth/api-keys/key-text.ts';
import { exchange, rawConnection } from '../../support/http/raw-http.ts';
import { type Attack, answered, refused, scenario } from './attack.ts';
import { EXPIRED, NOT_YET, OTHER, REVOKED, VALID } from './attacked-keys.ts';
import { asked, get, HELLO, head, lengthOf, PREFLIGHTED, WORLD } from './http.ts';
import type { ReceivedCall } from './rig.ts';

const { text } = VALID;
/** The text with another last digit. */
const withOtherEnd = (digits: string): string => digits.slice(0, -1) + (digits.endsWith('0') ? '1' : '0');
const secretOf = (key: string): string => key.slice(17, 60);

const rejection = (reason: string) =>
  ({
    status: 401,
    code: 'UNAUTHENTICATED',
    headers: { 'www-authenticate': `ApiKey error="invalid_token", error_description="Invalid API key: ${reason}."` },
  }) as const;

const SEVERAL = { status: 401, code: 'UNAUTHENTICATED' } as const;

/** Refused in the header of its own, and in Authorization. */
const refusedKey = (title: string, key: string, reason: string): readonly Attack[] => [
  refused('next', `an API key that is ${title}`, asked('{ plain }', { 'x-api-key': key }), rejection(reason)),
  refused(
    'next',
    `an API key in Authorization that is ${title}`,
    asked('{ plain }', { authorization: `ApiKey ${key}` }),
    rejection(reason),
  ),
];

/** No header of an upstream call has a part of a key. */
const withoutKey = (all: readonly ReceivedCall[]): void => {
  expect(all).toHaveLength(1);
  expect(JSON.stringify(all)).not.toMatch(/tby_|apikey|x-api-key/i);
};

const lines = (...headers: readonly string[]) => head([...headers, lengthOf(HELLO)], HELLO);

const SWAPPED = [...text].map((one) => (one === one.toUpperCase() ? one.toLowerCase() : one.toUpperCase())).join('');

/** Attacks with API keys. */
export const apiKeys: readonly Attack[] = [
  ...refusedKey('unknown', newKey().text, 'unknown'),
  ...refusedKey('known by its id, with another secret', keyWith(VALID.record.id, secretOf(newKey().text)), 'unknown'),
  ...refusedKey('right but for its last digit', keyWith(VALID.record.id, withOtherEnd(secretOf(text))), 'unknown'),
  ...refusedKey(
    'the id of one key with the secret of another',
    keyWith(VALID.record.id, secretOf(OTHER.text)),
    'unknown',
  ),
  ...refusedKey(
    'an unknown id with the first characters of a known one',
    keyWith(withOtherEnd(VALID.record.id), secretOf(text)),
    'unknown',
  ),
  ...refusedKey(
    'the stored hash of a key',
    keyWith(VALID.record.id, VALID.record.hash.replaceAll(/[-_]/g, '0')),
    'unknown',
  ),
  ...refusedKey('a revoked key with another secret', keyWith(REVOKED.record.id, secretOf(text)), 'unknown'),
  ...refusedKey('revoked', REVOKED.text, 'revoked'),
  ...refusedKey('expired', EXPIRED.text, 'expired'),
  ...refusedKey('not valid yet', NOT_YET.text, 'not valid yet'),
  ...refusedKey('a hash as it is stored', VALID.record.hash, 'malformed'),
  ...refusedKey('an id', VALID.record.id, 'malformed'),
  ...refusedKey('a key without its checksum', text.slice(0, -6), 'malformed'),
  ...refusedKey('in another case', SWAPPED, 'malformed'),
  ...refusedKey('followed by another one', `${text},${OTHER.text}`, 'malformed'),
  ...refusedKey('in quotes', `"${text}"`, 'malformed'),
  ...refusedKey('percent-encoded', text.replace('_', '%5F'), 'malformed'),
  ...refusedKey('8 KB long', text.repeat(120), 'malformed'),
  ...refusedKey('named __proto__', 'tby___proto__xx', 'malformed'),
  ...refusedKey('followed by bytes of Latin-1', `${text}\u00e9`, 'malformed'),
  ...refusedKey('broken by a tab', text.replace('_', '\t_'), 'malformed'),
  refused(
    'next',
    'the scheme ApiKey without a key',
    asked('{ plain }', { authorization: 'ApiKey' }),
    rejection('malformed'),
  ),
  refused('next', 'an API key with a null byte', lines(`x-api-key: ${text}\0`)),
  refused(
    'next',
    'an API key continued on the next line',
    lines(`x-api-key: ${text.slice(0, 30)}`, ` ${text.slice(30)}`),
  ),
  refused('next', 'an API key of 64 KB', lines(`x-api-key: ${'k'.repeat(65_536)}`), {
    status: 431,
    code: 'REQUEST_TOO_LARGE',
    closes: true,
  }),
  refused('next', 'two API keys in two headers', lines(`x-api-key: ${text}`, `x-api-key: ${OTHER.text}`), SEVERAL),
  refused('next', 'one API key in two headers', lines(`x-api-key: ${text}`, `X-API-KEY: ${text}`), SEVERAL),
  refused('next', 'an empty header and one with an API key', lines('x-api-key:', `x-api-key: ${text}`), SEVERAL),
  refused('next', 'an API key and a token', lines(`x-api-key: ${text}`, 'authorization: Bearer alice'), SEVERAL),
  refused(
    'next',
    'an API key and the same one in Authorization',
    lines(`x-api-key: ${text}`, `authorization: ApiKey ${text}`),
    SEVERAL,
  ),
  refused(
    'next',
    'an invalid API key and a valid token',
    lines('x-api-key: x', 'authorization: Bearer alice'),
    SEVERAL,
  ),
  refused(
    'next',
    'an API key and another in a second Authorization',
    lines(`authorization: ApiKey ${text}`, `authorization: ApiKey ${OTHER.text}`),
    SEVERAL,
  ),
  answered('next', 'an API key with white space around it is that key', lines(`x-api-key:  \t${text}\t `), WORLD),
  answered(
    'next',
    'the names of headers and of the scheme have no case',
    lines(`AUTHORIZATION: apikey ${text}`),
    WORLD,
  ),
  answered(
    'next',
    'an API key is not passed to a backend that receives tokens',
    asked('{ plain }', { authorization: `ApiKey ${text}` }),
    { plain: 'ok' },
    withoutKey,
  ),
  answered(
    'next',
    'the header of an API key is not passed to a backend',
    asked('{ plain }', { 'x-api-key': text }),
    { plain: 'ok' },
    withoutKey,
  ),
  scenario('next', 'an API key in the URL, a cookie or the body identifies nobody', async (rig) => {
    const params = { query: '{ hello }', 'x-api-key': text, api_key: text, apikey: text, access_token: text };
    const { answer } = await exchange(rig.port, get(params, { ...PREFLIGHTED, cookie: `x-api-key=${text}` }));
    expect(answer?.status).toBe(200);
    expect(rig.contexts.map(({ principal }) => principal.kind)).toEqual(['anonymous']);
  }),
  scenario('next', 'an API key is the principal of its request, and of no other on the connection', async (rig) => {
    const connection = await rawConnection(rig.port);
    connection.send(asked('{ hello }', { 'x-api-key': text }) + asked('{ hello }'));
    await connection.answers(2);
    connection.socket.destroy();
    expect(rig.contexts.map(({ principal }) => principal.kind)).toEqual(['api-key', 'anonymous']);
    expect(JSON.stringify(rig.contexts.map(({ headers }) => headers))).not.toContain('tby_');
  }),
];
