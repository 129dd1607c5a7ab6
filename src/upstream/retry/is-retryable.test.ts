import { describe, expect, test } from 'vitest';
import { restCall } from '../../../test/support/upstream/calls.ts';
import { type ErrorCode, UpstreamError, type UpstreamErrorOptions } from '../../core/errors.ts';
import type { Call } from '../call.ts';
import { NoEndpointError, NotProcessedError } from '../errors.ts';
import { type FailedStatus, GrpcStatusError, STATUS_CODES } from '../grpc/status.ts';
import { RETRY_DEFAULTS } from '../options.ts';
import { isRetryable } from './is-retryable.ts';

const fails = (code: ErrorCode, options: UpstreamErrorOptions = {}) =>
  new UpstreamError(code, restCall(), 'failed', options);
const grpcFails = (status: FailedStatus, options: UpstreamErrorOptions = {}) =>
  fails(STATUS_CODES[status], { ...options, cause: new GrpcStatusError(status, 'words', {}) });
const unsent = (options: UpstreamErrorOptions = {}) =>
  fails('SERVICE_UNAVAILABLE', { ...options, cause: new NotProcessedError('refused') });

const read = restCall();
const write = restCall({ idempotent: false }, { method: 'POST' });
const isWorthIt = (call: Call, error: unknown, statuses = RETRY_DEFAULTS.statuses) =>
  isRetryable(call, error, new Set(statuses));

describe('a read is retried', () => {
  test.each<[string, Error]>([
    ['a timeout of the attempt', fails('TIMEOUT')],
    ['a lost connection', fails('UPSTREAM_ERROR')],
    ['no connection', fails('SERVICE_UNAVAILABLE')],
    ['an invalid answer', fails('UPSTREAM_BAD_RESPONSE')],
    ['status 429', fails('RATE_LIMITED', { status: 429 })],
    ['status 502', fails('UPSTREAM_ERROR', { status: 502 })],
    ['status 503', fails('SERVICE_UNAVAILABLE', { status: 503 })],
    ['status 504', fails('UPSTREAM_ERROR', { status: 504 })],
    ['nothing sent', unsent()],
  ])('after %s', (_, error) => {
    expect(isWorthIt(read, error)).toBe(true);
  });

  test.each<FailedStatus>(['UNAVAILABLE', 'RESOURCE_EXHAUSTED', 'DEADLINE_EXCEEDED'])('after gRPC’s %s', (status) => {
    expect(isWorthIt(read, grpcFails(status))).toBe(true);
    expect(isWorthIt(read, grpcFails(status, { status: 1 }))).toBe(true);
  });
});

describe('a read is not retried', () => {
  test.each<[string, Error]>([
    ['status 500', fails('UPSTREAM_ERROR', { status: 500 })],
    ['status 302', fails('UPSTREAM_BAD_RESPONSE', { status: 302 })],
    ['status 400', fails('BAD_USER_INPUT', { status: 400 })],
    ['status 401', fails('UNAUTHENTICATED', { status: 401 })],
    ['status 403', fails('FORBIDDEN', { status: 403 })],
    ['status 404', fails('NOT_FOUND', { status: 404 })],
    ['status 409', fails('CONFLICT', { status: 409 })],
    ['an answer that is too large', fails('UPSTREAM_RESPONSE_TOO_LARGE')],
    ['an internal error', new Error('a bug')],
    ['a server that forbids it', fails('SERVICE_UNAVAILABLE', { noRetry: true })],
    ['no endpoint', fails('SERVICE_UNAVAILABLE', { cause: new NoEndpointError('2 dead') })],
  ])('after %s', (_, error) => {
    expect(isWorthIt(read, error)).toBe(false);
  });

  test.each<FailedStatus>([
    'CANCELLED',
    'UNKNOWN',
    'INVALID_ARGUMENT',
    'NOT_FOUND',
    'ABORTED',
    'INTERNAL',
    'DATA_LOSS',
  ])('after gRPC’s %s', (status) => {
    expect(isWorthIt(read, grpcFails(status))).toBe(false);
  });
});

test('configured statuses replace the defaults; errors without a status are retried as before', () => {
  const statuses = [500, 'ABORTED'];
  expect(isWorthIt(read, fails('UPSTREAM_ERROR', { status: 500 }), statuses)).toBe(true);
  expect(isWorthIt(read, fails('UPSTREAM_ERROR', { status: 503 }), statuses)).toBe(false);
  expect(isWorthIt(read, grpcFails('ABORTED'), statuses)).toBe(true);
  expect(isWorthIt(read, grpcFails('UNAVAILABLE'), statuses)).toBe(false);
  expect(isWorthIt(read, fails('UPSTREAM_ERROR'), statuses)).toBe(true);
});

describe('a write', () => {
  test.each<[string, Error]>([
    ['a timeout', fails('TIMEOUT')],
    ['a lost connection', fails('UPSTREAM_ERROR')],
    ['a failed connection that may have sent it', fails('SERVICE_UNAVAILABLE')],
    ['status 503', fails('SERVICE_UNAVAILABLE', { status: 503 })],
    ['gRPC’s UNAVAILABLE', grpcFails('UNAVAILABLE')],
  ])('is not retried after %s', (_, error) => {
    expect(isWorthIt(write, error)).toBe(false);
  });

  test('is retried if nothing reached a backend, unless the server forbids it', () => {
    expect(isWorthIt(write, unsent())).toBe(true);
    expect(isWorthIt(write, unsent({ noRetry: true }))).toBe(false);
  });

  test('is retried like a read if it is idempotent', () => {
    expect(isWorthIt({ ...write, idempotent: true }, fails('UPSTREAM_ERROR'))).toBe(true);
  });
});
