import { expect, test } from 'vitest';
import { GRPC_METADATA_RULES, restHeaderRules } from './own-headers.ts';

test.each([
  ['grpc-timeout', '1S'],
  ['grpc-previous-rpc-attempts', '1'],
  ['content-type', 'application/grpc'],
  ['te', 'trailers'],
  ['host', 'other.internal'],
  ['idempotency-key', 'k'],
  ['token-bin', 'not base64!'],
  ['token-bin', 'YQ,b c'],
])('the metadata %s: %s is rejected', (name, value) => {
  expect(GRPC_METADATA_RULES.refusal(name, value)).toMatch(/./);
});

test.each([
  ['token-bin', 'YQ=='],
  ['token-bin', 'YQ,Yg'],
  ['token-bin', ''],
  ['x-api', 'not base64!'],
  ['authorization', 'Bearer t'],
  ['user-agent', 'shop'],
])('the metadata %s: %s is sent', (name, value) => {
  expect(GRPC_METADATA_RULES.refusal(name, value)).toBeNull();
  expect(GRPC_METADATA_RULES.name.test(name) && GRPC_METADATA_RULES.sendable.test(value)).toBe(true);
});

const NO_HEADERS = { deadlineHeader: null, attemptHeader: null };

test.each(['accept', 'accept-encoding', 'user-agent', 'authorization', 'x-request-id', 'cookie', 'constructor'])(
  'the header %s is sent',
  (name) => {
    expect(
      restHeaderRules({ deadlineHeader: 'x-left', attemptHeader: 'x-attempt' }).json.refusal(name, 'a'),
    ).toBeNull();
  },
);

test.each([' a', 'a ', '\ta', 'a\t', 'ü', 'a\nb'])('the value %j is not sendable', (value) => {
  for (const { sendable } of [restHeaderRules(NO_HEADERS).json, GRPC_METADATA_RULES])
    expect(sendable.test(value)).toBe(false);
});

test.each(['', 'a', 'a b', '~'])('the value %j is sendable', (value) => {
  for (const { sendable } of [restHeaderRules(NO_HEADERS).json, GRPC_METADATA_RULES])
    expect(sendable.test(value)).toBe(true);
});

test.each([
  ['x-left', 'carries the deadline: set the upstream’s deadlineHeader to another name, or to false'],
  ['x-attempt', 'carries the number of the attempt: set the upstream’s attemptHeader to another name, or to false'],
])('%s of the upstream itself is not sent by a call', (name, reason) => {
  const { json } = restHeaderRules({ deadlineHeader: 'x-left', attemptHeader: 'x-attempt' });
  expect(json.refusal(name, '1')).toBe(reason);
});
