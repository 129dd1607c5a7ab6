import { expect, test } from 'vitest';
import { restCall } from '../../../test/support/calls.ts';
import { UpstreamError } from '../../errors.ts';
import { problemError } from './problem.ts';

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
  [418, 'UPSTREAM_ERROR'],
  [422, 'BAD_USER_INPUT'],
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
])('the name of a problem is the last part of its type: %s', (type, problem) => {
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
])('a type that names no problem, %j, is none, and no address of a backend', (type) => {
  expect(errorOf(409, { type }).details).toBeUndefined();
});

test('violations are kept field by field, and whatever else is in the answer is not', () => {
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
])('problem details that are none, %j, are left out', (value, details) => {
  expect(errorOf(400, value).details).toEqual(details);
});

test('a backend cannot make an answer large with its problem details', () => {
  const long = 'x'.repeat(10_000);
  const violations = Array.from({ length: 1_000 }, () => ({ field: long, message: long }));
  const { details } = errorOf(400, { type: long, violations });
  expect(JSON.stringify(details).length).toBeLessThan(60_000);
  expect(details?.violations).toHaveLength(50);
});
