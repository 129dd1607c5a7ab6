import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { DomainError } from '../../core/errors.ts';
import { mapErrorResponse, type RestErrorResponse } from './map-error-response.ts';

const RESPONSE: RestErrorResponse = {
  status: 400,
  headers: {},
  body: undefined,
  route: 'GET /a',
  code: 'BAD_USER_INPUT',
};

const circular: Record<string, unknown> = {};
circular.self = circular;

test.each<[string, () => unknown, string]>([
  ['throws', () => JSON.parse('<secret>'), 'it throws'],
  ['returns a text', () => 'secret', 'its result is not an object'],
  ['returns a list', () => [], 'its result is not an object'],
  ['returns null', () => null, 'its result is not an object'],
  ['is asynchronous', async () => ({ code: 'CONFLICT' }), 'it returns a promise: make it synchronous'],
  ['rejects', () => Promise.reject(new Error('secret')), 'it returns a promise: make it synchronous'],
  ['returns an unknown code', () => ({ code: 'SECRET' }), 'its code is not in docs/errors.md'],
  ['returns another message than a text', () => ({ message: 7 }), 'its message is not a string'],
  ['returns an unknown property', () => ({ secret: 1 }), 'its result may have code, message and details only'],
  [
    'returns details that are no object',
    () => ({ details: ['a'] }),
    'its details are not a JSON object of at most 65536 characters',
  ],
  [
    'returns details without JSON',
    () => ({ details: circular }),
    'its details are not a JSON object of at most 65536 characters',
  ],
  [
    'returns a bigint',
    () => ({ details: { id: 1n } }),
    'its details are not a JSON object of at most 65536 characters',
  ],
  [
    'returns long details',
    () => ({ details: { a: 'x'.repeat(65_536) } }),
    'its details are not a JSON object of at most 65536 characters',
  ],
])('a function that %s keeps the usual error, and is reported once', async (_what, errors, fault) => {
  const reports: string[] = [];
  const map = mapErrorResponse<RestErrorResponse>(errors as never, (route, reported) =>
    reports.push(`${route}: ${reported}`),
  );
  for (let times = 0; times < 3; times += 1) expect(map(RESPONSE)).toEqual({});
  await setImmediate();
  expect(reports).toEqual([`GET /a: ${fault}`]);
});

test('a failure with long details keeps the usual error', () => {
  const reports: string[] = [];
  const errors = () => new DomainError('SOLD_OUT', { a: 'x'.repeat(65_536) });
  expect(mapErrorResponse<RestErrorResponse>(errors, (_route, fault) => reports.push(fault))(RESPONSE)).toEqual({});
  expect(reports).toEqual(['its details are not a JSON object of at most 65536 characters']);
});

test('a valid result is used as it is, and undefined keeps the usual error', () => {
  const never = () => expect.unreachable();
  const result = { code: 'CONFLICT', message: 'Taken.', details: { by: 'ann' } } as const;
  expect(mapErrorResponse<RestErrorResponse>(() => result, never)(RESPONSE)).toBe(result);
  expect(mapErrorResponse<RestErrorResponse>(() => undefined, never)(RESPONSE)).toEqual({});
  expect(mapErrorResponse<RestErrorResponse>(undefined, never)(RESPONSE)).toEqual({});
});
