import { expect, test } from 'vitest';
import { restCall } from '../../../test/support/upstream/calls.ts';
import { UpstreamError } from '../../core/errors.ts';
import { type HttpStatusCodes, problemError } from './problem-details.ts';

const call = restCall();
const errorOf = (status: number, value?: unknown) => problemError(call, { status, headers: {}, size: 0, value });

test.each([
  [300, 'UPSTREAM_BAD_RESPONSE'],
  [302, 'UPSTREAM_BAD_RESPONSE'],
  [304, 'UPSTREAM_BAD_RESPONSE'],
  [400, 'BAD_USER_INPUT'],
  [401, 'UNAUTHENTICATED'],
  [403, 'FORBIDDEN'],
  [404, 'NOT_FOUND'],
  [405, 'UPSTREAM_ERROR'],
  [408, 'UPSTREAM_ERROR'],
  [409, 'CONFLICT'],
  [410, 'NOT_FOUND'],
  [412, 'CONFLICT'],
  [418, 'UPSTREAM_ERROR'],
  [422, 'BAD_USER_INPUT'],
  [428, 'CONFLICT'],
  [429, 'RATE_LIMITED'],
  [500, 'UPSTREAM_ERROR'],
  [502, 'UPSTREAM_ERROR'],
  [503, 'SERVICE_UNAVAILABLE'],
  [504, 'UPSTREAM_ERROR'],
  [599, 'UPSTREAM_ERROR'],
])('an answer of %d is %s', (status, code) => {
  const error = errorOf(status);
  expect(error).toBeInstanceOf(UpstreamError);
  expect(error).toMatchObject({ code, upstream: 'shop.things', route: 'GET /things/{id}', details: undefined });
  expect(error.message).toContain(`answered ${status}`);
});

test.each([
  ['https://shop.example/problems/out-of-stock', 'out-of-stock'],
  ['https://shop.internal:8443/problems/out-of-stock/', 'out-of-stock'],
  ['/problems/out-of-stock', 'out-of-stock'],
  ['out-of-stock', 'out-of-stock'],
  ['urn:problem:out-of-stock', 'out-of-stock'],
  ['https://shop.example/problems#out-of-stock', 'out-of-stock'],
  ['https://shop.example/out-of-stock?token=secret', 'out-of-stock'],
])('the name of a problem is the last segment of its type: %s', (type, problem) => {
  expect(errorOf(409, { type }).details).toEqual({ problem });
});

test.each([
  'about:blank',
  'https://shop.internal',
  'https://shop.internal:8443/',
  '//shop.internal',
  'https://user:secret@shop.internal/?token=secret',
  '',
  7,
  null,
])('the type %j names no problem and exposes no backend address', (type) => {
  expect(errorOf(409, { type }).details).toBeUndefined();
});

test('violations are kept by field; other members of the problem details are dropped', () => {
  const value = {
    type: '/problems/invalid',
    title: 'at com.shop.internal.Orders.place(Orders.java:17)',
    detail: 'connect ECONNREFUSED 10.0.0.5',
    violations: [{ field: 'quantity', message: 'must be positive', rejected: 'secret' }],
    stack: 'secret',
  };
  expect(errorOf(422, value).details).toEqual({
    problem: 'invalid',
    violations: [{ field: 'quantity', message: 'must be positive' }],
  });
});

test.each([
  [{ violations: 'none' }, undefined],
  [{ violations: {} }, undefined],
  [{ violations: [null, 7, [], {}, { field: 'a' }, { message: 'b' }, { field: 1, message: 'b' }] }, { violations: [] }],
  ['out of stock', undefined],
  [[{ type: '/problems/x' }], undefined],
  [null, undefined],
])('invalid problem details are left out: %j', (value, details) => {
  expect(errorOf(400, value).details).toEqual(details);
});

test('the size of problem details is bounded', () => {
  const long = 'x'.repeat(10_000);
  const violations = Array.from({ length: 1_000 }, () => ({ field: long, message: long }));
  const { details } = errorOf(400, { type: long, violations });
  expect(JSON.stringify(details).length).toBeLessThan(60_000);
  expect(details?.violations).toHaveLength(50);
});

const refusal = (status: number, retryAfter: string, codes?: HttpStatusCodes, value?: unknown) => {
  const answer = { status, headers: { 'retry-after': retryAfter }, size: 0, value };
  const { code, retryAfterMs, details } = problemError(call, answer, codes);
  return { code, retryAfterMs, details };
};

test('429 carries Retry-After in retryAfterMs and details.retryAfter', () => {
  expect(refusal(429, '3')).toEqual({ code: 'RATE_LIMITED', retryAfterMs: 3_000, details: { retryAfter: 3 } });
  expect(refusal(429, '3', {}, { type: '/problems/quota' }).details).toEqual({ problem: 'quota', retryAfter: 3 });
  expect(refusal(429, 'soon')).toEqual({ code: 'RATE_LIMITED', retryAfterMs: null, details: undefined });
  expect(refusal(503, '3')).toEqual({ code: 'SERVICE_UNAVAILABLE', retryAfterMs: 3_000, details: undefined });
  expect(refusal(500, '3')).toEqual({ code: 'UPSTREAM_ERROR', retryAfterMs: null, details: undefined });
});

test('a Retry-After date is reported in whole seconds, rounded up', () => {
  const { retryAfterMs, details } = refusal(429, new Date(Date.now() + 90_500).toUTCString());
  expect(retryAfterMs).toBeGreaterThan(80_000);
  expect(retryAfterMs).toBeLessThanOrEqual(90_500);
  expect(details).toEqual({ retryAfter: Math.ceil((retryAfterMs ?? 0) / 1_000) });
});

test('a Retry-After date counts from the Date header of its answer, even with a wrong clock', () => {
  const [day, sent] = [86_400_000, Date.now()];
  for (const shift of [-day, 0, day]) {
    const at = (ms: number) => new Date(sent + shift + ms).toUTCString();
    const headers = { 'retry-after': at(3_000), date: at(0) };
    const { retryAfterMs, details } = problemError(call, { status: 429, headers, size: 0, value: null });
    expect([retryAfterMs, details]).toEqual([3_000, { retryAfter: 3 }]);
  }
});

test('the codes of an upstream override the default code of a status', () => {
  const codes = { 404: 'BAD_USER_INPUT', 503: 'RATE_LIMITED', 504: 'TIMEOUT' } as const;
  expect(refusal(503, '2', codes)).toEqual({ code: 'RATE_LIMITED', retryAfterMs: 2_000, details: { retryAfter: 2 } });
  expect([404, 504, 409].map((status) => refusal(status, '', codes).code)).toEqual([
    'BAD_USER_INPUT',
    'TIMEOUT',
    'CONFLICT',
  ]);
});
