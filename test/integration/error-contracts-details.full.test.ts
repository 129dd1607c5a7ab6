import { describe, expect, test } from 'vitest';
import { expectAttempts, expectNoSecrets, SECRET } from '../support/gateway/contract-expect.ts';
import {
  type ContractOptions,
  contract,
  FIELDS,
  MUTATIONS,
  type Protocol,
  QUERY,
} from '../support/gateway/contract-gateway.ts';
import { errorsOf } from '../support/gateway/gateway.ts';

const problem = (status: number, more: object, headers = {}): ContractOptions => ({
  rest: {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    body: JSON.stringify({ title: SECRET, detail: SECRET, instance: `/${SECRET}`, trace: SECRET, ...more }),
  },
});

const detailed = (status: number, details: Readonly<Record<string, object>>, headers = {}): ContractOptions => ({
  grpc: {
    status,
    message: SECRET,
    details: { DebugInfo: { detail: SECRET, stackEntries: [SECRET] }, ...details },
    headers,
  },
});

const VIOLATIONS = [
  { field: 'id', message: 'must begin with a letter' },
  { field: 'size', message: 'must be at most 10' },
];
const FIELD_VIOLATIONS = VIOLATIONS.map(({ field, message }) => ({ field, description: message }));
const TYPE = 'https://wotan.intranet/problems/too-late';
const REASON = { reason: 'TOO_LATE', domain: 'wotan.intranet', metadata: { where: SECRET } };

interface DetailsCase {
  readonly protocol: Protocol;
  readonly backend: ContractOptions;
  readonly code: string;
  /** Undefined: the client gets the code without details. */
  readonly details: unknown;
}

const byRest = (code: string, backend: ContractOptions, details?: unknown): DetailsCase => ({
  protocol: 'rest',
  backend,
  code,
  details,
});
const byGrpc = (code: string, backend: ContractOptions, details?: unknown): DetailsCase => ({
  protocol: 'grpc',
  backend,
  code,
  details,
});

/**
 * Details that the client gets with the code: violations of its own input and the retry time, never internals of the
 * backend.
 */
const DETAILS: Readonly<Record<string, DetailsCase>> = {
  '400 with violations': byRest('BAD_USER_INPUT', problem(400, { violations: VIOLATIONS }), { violations: VIOLATIONS }),
  '422 with violations': byRest('BAD_USER_INPUT', problem(422, { violations: VIOLATIONS }), { violations: VIOLATIONS }),
  '422 with malformed violations': byRest(
    'BAD_USER_INPUT',
    problem(422, { violations: [{ field: SECRET }, SECRET, null, ...VIOLATIONS] }),
    { violations: VIOLATIONS },
  ),
  '409 with a problem type': byRest('CONFLICT', problem(409, { type: TYPE }), { problem: 'too-late' }),
  '403 without a problem type': byRest('UPSTREAM_ERROR', problem(403, { type: 'about:blank' })),
  '400 in plain text': byRest('BAD_USER_INPUT', {
    rest: { status: 400, headers: { 'content-type': 'text/plain' }, body: SECRET },
  }),
  '429 with Retry-After': byRest('RATE_LIMITED', problem(429, {}, { 'retry-after': '7' }), { retryAfter: 7 }),
  '429 with an invalid Retry-After': byRest('RATE_LIMITED', problem(429, {}, { 'retry-after': 'soon' })),
  '429 with Retry-After of a day': byRest('RATE_LIMITED', problem(429, {}, { 'retry-after': '86400' }), {
    retryAfter: 300,
  }),
  '503 with Retry-After': byRest('SERVICE_UNAVAILABLE', problem(503, {}, { 'retry-after': '7' })),
  '500 with a type and violations': byRest('UPSTREAM_ERROR', problem(500, { type: TYPE, violations: VIOLATIONS })),
  '502 with a type and violations': byRest('UPSTREAM_ERROR', problem(502, { type: TYPE, violations: VIOLATIONS })),
  '503 with a type and violations': byRest('SERVICE_UNAVAILABLE', problem(503, { type: TYPE, violations: VIOLATIONS })),
  'INVALID_ARGUMENT with BadRequest': byGrpc(
    'BAD_USER_INPUT',
    detailed(3, { BadRequest: { fieldViolations: FIELD_VIOLATIONS } }),
    { violations: VIOLATIONS },
  ),
  'OUT_OF_RANGE with BadRequest': byGrpc(
    'BAD_USER_INPUT',
    detailed(11, { BadRequest: { fieldViolations: FIELD_VIOLATIONS } }),
    { violations: VIOLATIONS },
  ),
  'FAILED_PRECONDITION with ErrorInfo': byGrpc('CONFLICT', detailed(9, { ErrorInfo: REASON }), { problem: 'TOO_LATE' }),
  'PERMISSION_DENIED without details': byGrpc('UPSTREAM_ERROR', detailed(7, {})),
  'INVALID_ARGUMENT with invalid details': byGrpc('BAD_USER_INPUT', {
    grpc: { status: 3, message: SECRET, headers: { 'grpc-status-details-bin': '!!! no base64' } },
  }),
  'RESOURCE_EXHAUSTED with RetryInfo': byGrpc(
    'RATE_LIMITED',
    detailed(8, { RetryInfo: { retryDelay: { seconds: 6, nanos: 1 } } }),
    { retryAfter: 7 },
  ),
  'RESOURCE_EXHAUSTED with RetryInfo of a day': byGrpc(
    'RATE_LIMITED',
    detailed(8, { RetryInfo: { retryDelay: { seconds: 86_400 } } }),
    { retryAfter: 300 },
  ),
  'RESOURCE_EXHAUSTED with pushback': byGrpc('RATE_LIMITED', detailed(8, {}, { 'grpc-retry-pushback-ms': '6001' }), {
    retryAfter: 7,
  }),
  'UNAVAILABLE with RetryInfo': byGrpc(
    'SERVICE_UNAVAILABLE',
    detailed(14, { RetryInfo: { retryDelay: { seconds: 7 } } }),
  ),
  'INTERNAL with BadRequest and ErrorInfo': byGrpc(
    'UPSTREAM_ERROR',
    detailed(13, { BadRequest: { fieldViolations: FIELD_VIOLATIONS }, ErrorInfo: REASON }),
  ),
  'UNAVAILABLE with BadRequest and ErrorInfo': byGrpc(
    'SERVICE_UNAVAILABLE',
    detailed(14, { BadRequest: { fieldViolations: FIELD_VIOLATIONS }, ErrorInfo: REASON }),
  ),
};

describe.concurrent('details that a client gets with the code', () => {
  for (const [what, { protocol, backend, code, details }] of Object.entries(DETAILS))
    test(`${what}: ${JSON.stringify(details) ?? 'none'}`, async () => {
      await using gateway = await contract(backend);
      const { calls, keys, writes } = FIELDS[protocol];
      const read = await gateway.query(QUERY);
      const written = await gateway.query(MUTATIONS[protocol]);
      expect([...errorsOf(read), ...errorsOf(written)]).toEqual([
        ...[`${calls} ${code}`, `${keys} ${code}`].sort(),
        `${writes} ${code}`,
      ]);
      for (const { extensions } of [...read.errors, ...written.errors]) expect(extensions.details).toEqual(details);
      expectNoSecrets(read);
      expectNoSecrets(written);
      expectAttempts(gateway, protocol, { writes: 1 });
    });

  test('429 with a date is reported in seconds', async () => {
    const until = new Date(Date.now() + 30_000).toUTCString();
    await using gateway = await contract(problem(429, {}, { 'retry-after': until }));
    const answer = await gateway.query(MUTATIONS.rest);
    expect(answer.errors[0]?.extensions.details).toMatchObject({ retryAfter: expect.closeTo(29, -0.5) });
  });
});

describe.concurrent('attempts to a backend that sends a retry time', () => {
  test.each([
    [
      '429 with Retry-After is retried at another endpoint immediately',
      'rest',
      problem(429, {}, { 'retry-after': '7' }),
      3,
    ],
    [
      '503 with Retry-After is retried at another endpoint immediately',
      'rest',
      problem(503, {}, { 'retry-after': '7' }),
      3,
    ],
    [
      'RetryInfo is retried while there is another endpoint',
      'grpc',
      detailed(8, { RetryInfo: { retryDelay: { seconds: 30 } } }),
      3,
    ],
    ['a negative pushback is not retried', 'grpc', detailed(14, {}, { 'grpc-retry-pushback-ms': '-1' }), 1],
  ] as const)('%s', async (_what, protocol, backend, reads) => {
    await using gateway = await contract(backend);
    await gateway.query(QUERY);
    expectAttempts(gateway, protocol, { calls: reads, keys: reads });
  });
});

describe.concurrent('a gRPC backend that knows more than its contract', () => {
  const RECORD = '{ record(id: "r1") { id format plays }  crate { record { id plays } } }';

  test('integers beyond 2^53 keep their value, and an unknown field is dropped', async () => {
    const record = { id: 'r1', format: 2, plays: '9007199254740993', label: SECRET };
    await using gateway = await contract({ grpc: { record } });
    const answer = await gateway.query(RECORD);
    expect(answer.errors).toEqual([]);
    expect(answer.data).toEqual({
      record: { id: 'r1', format: 'ALBUM', plays: '9007199254740993' },
      crate: { record: { id: 'r1', plays: '9007199254740993' } },
    });
    expectNoSecrets(answer);
  });

  test('an unknown enum value fails only its own field', async () => {
    await using gateway = await contract({ grpc: { record: { id: 'r1', format: 9, plays: '-1' } } });
    const answer = await gateway.query(RECORD);
    expect(answer.data).toEqual({
      record: { id: 'r1', format: null, plays: '-1' },
      crate: { record: { id: 'r1', plays: '-1' } },
    });
    expect(errorsOf(answer)).toEqual(['record.format UPSTREAM_BAD_RESPONSE']);
    expectNoSecrets(answer);
  });
});
