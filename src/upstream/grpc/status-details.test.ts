import fc from 'fast-check';
import protobuf from 'protobufjs';
import { expect, test } from 'vitest';
import { callOf, endpointAt } from '../../../test/support/grpc/grpc-server.ts';
import { pushback } from './pushback.ts';
import { rpcDetails } from './rpc-details.ts';
import { type FailedStatus, STATUS_CODES, statusError } from './status.ts';
import { statusDetails as summaryOf } from './status-details.ts';

const { root } = protobuf.parse(`
  syntax = "proto3"; package google.rpc;
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message Any { string type_url = 1; bytes value = 2; }
  message BadRequest {
    message FieldViolation { string field = 1; string description = 2; string reason = 3; }
    repeated FieldViolation field_violations = 1;
  }
  message RetryInfo { Duration retry_delay = 1; }
  message Duration { int64 seconds = 1; int32 nanos = 2; }
  message ErrorInfo { string reason = 1; string domain = 2; map<string, string> metadata = 3; }`);

const detail = (name: string, value: object) => {
  const type = root.lookupType(`google.rpc.${name}`);
  return { typeUrl: `type.googleapis.com/google.rpc.${name}`, value: type.encode(type.fromObject(value)).finish() };
};
const header = (...details: object[]) => {
  const type = root.lookupType('google.rpc.Status');
  return Buffer.from(type.encode(type.fromObject({ code: 3, message: 'no', details })).finish()).toString('base64');
};
const BAD_REQUEST = detail('BadRequest', { fieldViolations: [{ field: 'items[0].count', description: 'too many' }] });
const RETRY = detail('RetryInfo', { retryDelay: { seconds: 1, nanos: 250_000_000 } });
const INFO = detail('ErrorInfo', { reason: 'OUT_OF_STOCK', domain: 'inventory.internal', metadata: { secret: 'x' } });

const errorOf = (status: FailedStatus, headers: Record<string, string>, codes = STATUS_CODES) =>
  statusError(callOf(endpointAt(1), 'reserve', {}), status, 'words', headers, codes);
const statusDetails = (header: string | undefined) => summaryOf(rpcDetails(header));
const withDetails = (...details: object[]) => ({ 'grpc-status-details-bin': header(...details) });

test('details contain the violations by field and the reason, and nothing else', () => {
  expect(errorOf('INVALID_ARGUMENT', withDetails(BAD_REQUEST, INFO, RETRY))).toMatchObject({
    code: 'BAD_USER_INPUT',
    status: 3,
    details: { violations: [{ field: 'items[0].count', message: 'too many' }], problem: 'OUT_OF_STOCK' },
    retryAfterMs: 1_250,
  });
  expect(errorOf('FAILED_PRECONDITION', withDetails(INFO)).details).toStrictEqual({ problem: 'OUT_OF_STOCK' });
});

test('a failure of the backend exposes no details', () => {
  for (const status of ['INTERNAL', 'UNKNOWN', 'UNAVAILABLE', 'DATA_LOSS'] as const)
    expect(errorOf(status, withDetails(BAD_REQUEST, INFO)).details).toBeUndefined();
});

test('RATE_LIMITED has retryAfter in whole seconds, rounded up', () => {
  expect(errorOf('RESOURCE_EXHAUSTED', withDetails(RETRY))).toMatchObject({
    code: 'RATE_LIMITED',
    status: 8,
    retryAfterMs: 1_250,
    details: { retryAfter: 2 },
    noRetry: false,
  });
  expect(errorOf('UNAVAILABLE', withDetails(RETRY))).toMatchObject({ retryAfterMs: 1_250, details: undefined });
  expect(errorOf('RESOURCE_EXHAUSTED', {})).toMatchObject({ retryAfterMs: null, details: undefined });
});

test.each<[string | undefined, number | undefined, number | null, boolean]>([
  ['0', undefined, 0, false],
  ['250', 9_000, 250, false],
  ['999999999', undefined, 300_000, false],
  ['-1', undefined, null, true],
  ['', undefined, null, true],
  ['soon', 5, null, true],
  ['1.5', undefined, null, true],
  ['1, 2', undefined, null, true],
  [undefined, 5, 5, false],
  [undefined, 1e12, 300_000, false],
  [undefined, undefined, null, false],
])('pushback %j with a delay of %j is %j, no retry %j', (value, delay, retryAfterMs, noRetry) => {
  expect(pushback(value, delay)).toEqual({ retryAfterMs, noRetry });
});

test('the codes of an upstream override the default code of a status', () => {
  const codes = { ...STATUS_CODES, FAILED_PRECONDITION: 'BAD_USER_INPUT' } as const;
  expect(errorOf('FAILED_PRECONDITION', {}, codes)).toMatchObject({ code: 'BAD_USER_INPUT', status: 9 });
});

test('number and length of the details are bounded', () => {
  const many = Array.from({ length: 60 }, (_, index) => ({
    field: `f${index}`,
    description: 'x'.repeat(index < 49 ? 1 : 600),
  }));
  const { violations } = statusDetails(header(detail('BadRequest', { fieldViolations: many })));
  expect(violations).toHaveLength(50);
  expect(violations?.[49]).toEqual({ field: 'f49', message: 'x'.repeat(500) });
  expect(
    statusDetails(header(detail('ErrorInfo', { reason: 'X'.repeat(10) }), { typeUrl: 'x'.repeat(40_000) })),
  ).toEqual({});
  expect(statusDetails(header(...Array.from({ length: 20 }, () => ({ typeUrl: 'a' })), INFO))).toEqual({});
});

test.each([
  ['a reason in free text', detail('ErrorInfo', { reason: 'user 17 said <b>' })],
  ['a negative delay', detail('RetryInfo', { retryDelay: { seconds: -1 } })],
  ['no delay', detail('RetryInfo', {})],
  ['invalid bytes', { ...BAD_REQUEST, value: Buffer.from('garbage') }],
  ['an unknown type', { ...BAD_REQUEST, typeUrl: 'type.googleapis.com/google.rpc.DebugInfo' }],
])('%s is ignored', (_what, given) => {
  expect(statusDetails(header(given))).toEqual({});
});

test('any header value is decoded without an error', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.base64String(),
        fc.uint8Array().map((a) => Buffer.from(a).toString('base64')),
      ),
      (any) => {
        expect(statusDetails(any)).toBeTypeOf('object');
      },
    ),
  );
  expect(statusDetails(undefined)).toEqual({});
});
