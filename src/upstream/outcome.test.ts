import { describe, expect, test } from 'vitest';
import { restCall } from '../../test/support/upstream/calls.ts';
import {
  ClientGoneError,
  type ErrorCode,
  GatewayError,
  isErrorCode,
  PUBLIC_ERRORS,
  UpstreamError,
} from '../core/errors.ts';
import { LeftOutError, NotProcessedError } from './errors.ts';
import { type FailedStatus, parseStatus, statusError } from './grpc/status.ts';
import { answered, neverProcessed, outcomeOf } from './outcome.ts';
import { problemError } from './rest/problem-details.ts';

const CODES = Object.keys(PUBLIC_ERRORS).filter(isErrorCode);

/** The outcome as one word, with the milliseconds of a Retry-After. */
const wordFor = (error: unknown, isIdentified = false): string => {
  const outcome = outcomeOf(error, { isIdentified });
  return 'retryAfterMs' in outcome ? `${outcome.is} ${outcome.retryAfterMs}` : outcome.is;
};

interface Row {
  /** Without a status: without Retry-After, and with one of 3 s. */
  readonly silent: readonly [string, string];
  /** By HTTP status. */
  readonly rest: Readonly<Record<301 | 400 | 404 | 408 | 429 | 500 | 501 | 503 | 504, string>>;
  /** The same with a Retry-After of 3 s. */
  readonly restAsked: Readonly<Record<429 | 500 | 503, string>>;
  /** By gRPC status number: 1 CANCELLED, 2 UNKNOWN, 3 INVALID_ARGUMENT, ... */
  readonly grpc: string;
}

const same = (word: string): Row => ({
  silent: [word, word],
  rest: { 301: word, 400: word, 404: word, 408: word, 429: word, 500: word, 501: word, 503: word, 504: word },
  restAsked: { 429: word, 500: word, 503: word },
  grpc: Array(16).fill(word).join(' '),
});

/** s success, e error, f failure, t throttled; from CANCELLED to UNAUTHENTICATED. */
const BY_GRPC_STATUS = 'e e s f s s s t s s s s e f e s'.split(' ');
const words = (status: readonly string[]): string =>
  status.map((letter) => ({ s: 'success', e: 'error', f: 'failure', t: 'throttled null' })[letter]).join(' ');

/** `silent`: without a status; `asked`: with an HTTP status and a Retry-After of 3 s. */
const byStatus = (silent: Row['silent'], asked: Row['restAsked'][503] = silent[1]): Row => ({
  silent,
  rest: {
    301: 'success',
    400: 'success',
    404: 'success',
    408: 'success',
    429: 'throttled null',
    500: 'error',
    501: 'error',
    503: 'failure',
    504: 'failure',
  },
  restAsked: { 429: 'throttled 3000', 500: asked === 'failure' ? 'error' : asked, 503: asked },
  grpc: words(BY_GRPC_STATUS),
});

const throttled: Row = {
  ...same('throttled null'),
  silent: ['throttled null', 'throttled 3000'],
  restAsked: { 429: 'throttled 3000', 500: 'throttled 3000', 503: 'throttled 3000' },
};

const FAILURES = ['failure', 'failure'] as const;

const TABLE: Readonly<Record<ErrorCode, Row>> = {
  BAD_REQUEST: same('success'),
  GRAPHQL_PARSE_FAILED: same('success'),
  GRAPHQL_VALIDATION_FAILED: same('success'),
  OPERATION_RESOLUTION_FAILURE: same('success'),
  BAD_USER_INPUT: same('success'),
  UNAUTHENTICATED: same('success'),
  FORBIDDEN: same('success'),
  NOT_FOUND: same('success'),
  CONFLICT: same('success'),
  PERSISTED_QUERY_NOT_FOUND: same('success'),
  PERSISTED_QUERY_NOT_SUPPORTED: same('success'),
  DOCUMENT_NOT_TRUSTED: same('success'),
  METHOD_NOT_ALLOWED: same('success'),
  UNSUPPORTED_MEDIA_TYPE: same('success'),
  REQUEST_TOO_LARGE: same('success'),
  RATE_LIMITED: throttled,
  TIMEOUT: byStatus(FAILURES),
  SERVICE_UNAVAILABLE: byStatus(['failure', 'throttled 3000']),
  UPSTREAM_ERROR: byStatus(FAILURES),
  UPSTREAM_BAD_RESPONSE: byStatus(['error', 'error'], 'failure'),
  UPSTREAM_RESPONSE_TOO_LARGE: same('success'),
  DEPTH_LIMIT: same('success'),
  ALIAS_LIMIT: same('success'),
  ROOT_FIELD_LIMIT: same('success'),
  DIRECTIVE_LIMIT: same('success'),
  COST_LIMIT: same('success'),
  ERROR_LIMIT: same('success'),
  OVERLOADED: byStatus(FAILURES),
  INTERNAL_SERVER_ERROR: byStatus(['ignored', 'ignored'], 'failure'),
};

describe.each(CODES)('%s', (code) => {
  const row = TABLE[code];
  const of = (status?: number, retryAfterMs: number | null = null) =>
    wordFor(new UpstreamError(code, restCall(), 'it', { status, retryAfterMs }));

  test('without an answer', () => {
    expect([of(), of(undefined, 3_000)]).toEqual(row.silent);
  });
  test.each(Object.entries(row.rest))('with HTTP %s is %s', (status, word) => {
    expect(of(Number(status))).toBe(word);
  });
  test.each(Object.entries(row.restAsked))('with HTTP %s and Retry-After: 3 is %s', (status, word) => {
    expect(of(Number(status), 3_000)).toBe(word);
  });
  test('with each gRPC status', () => {
    expect(Array.from({ length: 16 }, (_, index) => of(index + 1)).join(' ')).toBe(row.grpc);
  });
  test('an error that is no UpstreamError is ignored', () => {
    expect(wordFor(new GatewayError(code, 'it'))).toBe('ignored');
  });
});

test.each([
  ['a client disconnect', new ClientGoneError('gone')],
  ['a faster attempt', new Error('superseded')],
  ['a fault of the gateway', new TypeError('undefined is not a function')],
  ['a value that is no Error', 'oops'],
])('%s is ignored', (_, error) => {
  expect(outcomeOf(error)).toEqual({ is: 'ignored' });
});

test('an answer is a success', () => {
  expect(answered()).toEqual({ is: 'success' });
});

test('503 with Retry-After: 0 is a failure, because it requests no pause', () => {
  const at = (retryAfterMs: number) =>
    wordFor(new UpstreamError('SERVICE_UNAVAILABLE', restCall(), 'it', { status: 503, retryAfterMs }));
  expect([at(0), at(1)]).toEqual(['failure', 'throttled 1']);
});

test('HTTP 502, 503 and 504 are failures, other 5xx errors; no other status counts against the endpoint', () => {
  for (let status = 300; status < 600; status++) {
    const error = problemError(restCall(), { status, headers: {}, size: 0, value: undefined });
    expect(`${status} ${wordFor(error)}`).toBe(
      `${status} ${status === 429 ? 'throttled null' : status < 500 ? 'success' : [502, 503, 504].includes(status) ? 'failure' : 'error'}`,
    );
  }
});

test('the outcome of a gRPC error depends on its status', () => {
  const outcomes: Record<FailedStatus, string> = {
    CANCELLED: 'error',
    UNKNOWN: 'error',
    INVALID_ARGUMENT: 'success',
    DEADLINE_EXCEEDED: 'failure',
    NOT_FOUND: 'success',
    ALREADY_EXISTS: 'success',
    PERMISSION_DENIED: 'success',
    RESOURCE_EXHAUSTED: 'throttled null',
    FAILED_PRECONDITION: 'success',
    ABORTED: 'success',
    OUT_OF_RANGE: 'success',
    UNIMPLEMENTED: 'success',
    INTERNAL: 'error',
    UNAVAILABLE: 'failure',
    DATA_LOSS: 'error',
    UNAUTHENTICATED: 'success',
  };
  const found = Object.keys(outcomes).map((_, index) => {
    const status = parseStatus(String(index + 1));
    return status === 'OK' ? [] : [status, wordFor(statusError(restCall(), status, ''))];
  });
  expect(Object.fromEntries(found)).toEqual(outcomes);
});

test('only NotProcessedError means that the backend never began with the call', () => {
  const cause = new NotProcessedError('refused');
  expect(neverProcessed(new UpstreamError('SERVICE_UNAVAILABLE', restCall(), 'it', { cause }))).toBe(true);
  expect(neverProcessed(new UpstreamError('SERVICE_UNAVAILABLE', restCall(), 'it'))).toBe(false);
  expect(neverProcessed(cause)).toBe(false);
});

test('a call left out by a closing connection is retried, and ignored for the endpoint', () => {
  const cause = new LeftOutError('the server went away');
  const error = new UpstreamError('SERVICE_UNAVAILABLE', restCall(), 'the server refused the stream', { cause });
  expect([neverProcessed(error), outcomeOf(error)]).toEqual([true, { is: 'ignored' }]);
});

test.each([
  ['429', problemError(restCall(), { status: 429, headers: { 'retry-after': '60' }, size: 0, value: undefined })],
  ['RESOURCE_EXHAUSTED', statusError(restCall(), 'RESOURCE_EXHAUSTED', '', { 'grpc-retry-pushback-ms': '60000' })],
])('%s concerns the caller if the upstream distinguishes callers, else the endpoint', (_, error) => {
  expect([wordFor(error, true), wordFor(error, false)]).toEqual(['quota 60000', 'throttled 60000']);
});

test('503 with Retry-After concerns the endpoint, whether or not the upstream distinguishes callers', () => {
  const error = problemError(restCall(), { status: 503, headers: { 'retry-after': '3' }, size: 0, value: undefined });
  expect(wordFor(error, true)).toBe('throttled 3000');
});
