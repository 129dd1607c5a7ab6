import { describe, expect, test } from 'vitest';
import { expectAttempts, expectNoSecrets, SECRET } from '../support/gateway/contract-expect.ts';
import {
  type Contract,
  type ContractOptions,
  contract,
  FIELDS,
  MUTATIONS,
  type Protocol,
  QUERY,
} from '../support/gateway/contract-gateway.ts';
import { type Answer, errorsOf, expectErrorsAtNulls } from '../support/gateway/gateway.ts';

/** The code that a client gets for a backend's status, and the number of attempts. */
interface Row {
  /** Null: the resource does not exist. A read returns null, a write fails with NOT_FOUND. */
  readonly code: string | null;
  /** Attempts of a read. A write is sent once. */
  readonly reads: number;
}

const row = (code: string | null, reads = 1): Row => ({ code, reads });

/** By HTTP status. 204 has no body although one is required. */
const REST: Readonly<Record<number, Row>> = {
  204: row('UPSTREAM_BAD_RESPONSE'),
  301: row('UPSTREAM_BAD_RESPONSE'),
  302: row('UPSTREAM_BAD_RESPONSE'),
  304: row('UPSTREAM_BAD_RESPONSE'),
  400: row('BAD_USER_INPUT'),
  // The backend gets no credentials of the client, so it rejects those of the gateway.
  401: row('UPSTREAM_ERROR'),
  403: row('UPSTREAM_ERROR'),
  404: row(null),
  405: row('UPSTREAM_ERROR'),
  408: row('UPSTREAM_ERROR'),
  409: row('CONFLICT'),
  410: row(null),
  412: row('CONFLICT'),
  415: row('UPSTREAM_ERROR'),
  418: row('UPSTREAM_ERROR'),
  422: row('BAD_USER_INPUT'),
  428: row('CONFLICT'),
  429: row('RATE_LIMITED', 3),
  500: row('UPSTREAM_ERROR'),
  501: row('UPSTREAM_ERROR'),
  502: row('UPSTREAM_ERROR', 3),
  503: row('SERVICE_UNAVAILABLE', 3),
  504: row('UPSTREAM_ERROR', 3),
};

/** By `grpc-status`. Other values than the 17 codes of gRPC are UNKNOWN. */
const GRPC: Readonly<Record<string, Row>> = {
  '1 CANCELLED': row('UPSTREAM_ERROR'),
  '2 UNKNOWN': row('UPSTREAM_ERROR'),
  '3 INVALID_ARGUMENT': row('BAD_USER_INPUT'),
  // The server received the time limit of the attempt, and may enforce it first.
  '4 DEADLINE_EXCEEDED': row('TIMEOUT', 3),
  '5 NOT_FOUND': row(null),
  '6 ALREADY_EXISTS': row('CONFLICT'),
  '7 PERMISSION_DENIED': row('UPSTREAM_ERROR'),
  '8 RESOURCE_EXHAUSTED': row('RATE_LIMITED', 3),
  '9 FAILED_PRECONDITION': row('CONFLICT'),
  '10 ABORTED': row('CONFLICT'),
  '11 OUT_OF_RANGE': row('BAD_USER_INPUT'),
  '12 UNIMPLEMENTED': row('UPSTREAM_ERROR'),
  '13 INTERNAL': row('UPSTREAM_ERROR'),
  '14 UNAVAILABLE': row('SERVICE_UNAVAILABLE', 3),
  '15 DATA_LOSS': row('UPSTREAM_ERROR'),
  '16 UNAUTHENTICATED': row('UPSTREAM_ERROR'),
  '17 (no status)': row('UPSTREAM_ERROR'),
  '99 (no status)': row('UPSTREAM_ERROR'),
  '-1 (no status)': row('UPSTREAM_ERROR'),
  'OK (no number)': row('UPSTREAM_ERROR'),
};

/** The response without the data of one backend. */
const withoutRest = { sheet: null, folder: { sheet: null }, record: { id: 'r1' }, crate: { record: { id: 'r1' } } };
const withoutGrpc = { sheet: { id: 's1' }, folder: { sheet: { id: 's1' } }, record: null, crate: { record: null } };

const expectReads = async (gateway: Contract, protocol: Protocol, { code, reads }: Row): Promise<Answer> => {
  const answer = await gateway.query(QUERY);
  const { calls, keys } = FIELDS[protocol];
  expect(answer.status).toBe(200);
  expect(answer.data).toEqual(protocol === 'rest' ? withoutRest : withoutGrpc);
  expect(errorsOf(answer)).toEqual(code === null ? [] : [`${calls} ${code}`, `${keys} ${code}`].sort());
  expectErrorsAtNulls(answer);
  expectNoSecrets(answer);
  expectAttempts(gateway, protocol, { calls: reads, keys: reads });
  return answer;
};

const expectWrite = async (gateway: Contract, protocol: Protocol, { code }: Row): Promise<Answer> => {
  const answer = await gateway.query(MUTATIONS[protocol]);
  const { writes } = FIELDS[protocol];
  expect(answer.data).toEqual({ [writes]: null });
  expect(errorsOf(answer)).toEqual([`${writes} ${code ?? 'NOT_FOUND'}`]);
  expectNoSecrets(answer);
  expectAttempts(gateway, protocol, { writes: 1 });
  return answer;
};

const refused = (protocol: Protocol, status: string): ContractOptions =>
  protocol === 'rest'
    ? { rest: { status: Number(status), ...(status === '204' ? {} : { body: JSON.stringify({ message: SECRET }) }) } }
    : { grpc: { status: status.split(' ')[0] ?? '', message: SECRET } };

for (const [protocol, table] of [
  ['rest', REST],
  ['grpc', GRPC],
] as const)
  describe.concurrent(`${protocol}: client code for each backend status`, () => {
    for (const [status, expected] of Object.entries(table)) {
      const { code, reads } = expected;
      test(`${status}: a field and a key are ${code ?? 'null'} after ${reads} attempts, a write is ${code ?? 'NOT_FOUND'} after one`, async () => {
        await using gateway = await contract(refused(protocol, status));
        await expectReads(gateway, protocol, expected);
        await expectWrite(gateway, protocol, expected);
      });
    }
  });

describe.concurrent('a non-null write fails with NOT_FOUND if the resource does not exist', () => {
  test.each([
    ['rest', { rest: { status: 404 } }, 'mutation { mustSaveSheet(id: "s1") { id } }', 'mustSaveSheet NOT_FOUND'],
    ['grpc', { grpc: { status: 5 } }, 'mutation { mustPressRecord(id: "r1") { id } }', 'mustPressRecord NOT_FOUND'],
  ] as const)('%s', async (_protocol, options, document, expected) => {
    await using gateway = await contract(options);
    const answer = await gateway.query(document);
    expect(answer.data).toBeNull();
    expect(errorsOf(answer)).toEqual([expected]);
    expectNoSecrets(answer);
  });
});

describe.concurrent('401 and 403 are the client’s error if the upstream gets the client’s token', () => {
  const knows = { forward: { identity: 'token' } } as const;

  test.each([
    ['rest', '401', row('UNAUTHENTICATED')],
    ['rest', '403', row('FORBIDDEN')],
    ['grpc', '16', row('UNAUTHENTICATED')],
    ['grpc', '7', row('FORBIDDEN')],
  ] as const)('%s %s', async (protocol, status, expected) => {
    await using gateway = await contract({ ...refused(protocol, status), paper: knows, shelf: knows });
    await expectReads(gateway, protocol, expected);
    await expectWrite(gateway, protocol, expected);
  });
});

describe.concurrent('errorCodes of an upstream override the code of a status', () => {
  const paper = {
    errorCodes: { 404: 'BAD_USER_INPUT', 418: 'NOT_FOUND', 503: 'CONFLICT', 409: 'UPSTREAM_ERROR' },
  } as const;
  const shelf = {
    errorCodes: {
      NOT_FOUND: 'BAD_USER_INPUT',
      ABORTED: 'NOT_FOUND',
      UNAVAILABLE: 'CONFLICT',
      FAILED_PRECONDITION: 'UPSTREAM_ERROR',
    },
  } as const;

  test.each([
    ['rest', '404', row('BAD_USER_INPUT')],
    ['rest', '418', row(null)],
    ['rest', '503', row('CONFLICT', 3)],
    ['rest', '409', row('UPSTREAM_ERROR')],
    ['rest', '410', row(null)],
    ['grpc', '5', row('BAD_USER_INPUT')],
    ['grpc', '10', row(null)],
    ['grpc', '14', row('CONFLICT', 3)],
    ['grpc', '9', row('UPSTREAM_ERROR')],
    ['grpc', '6', row('CONFLICT')],
  ] as const)('%s %s', async (protocol, status, expected) => {
    await using gateway = await contract({ ...refused(protocol, status), paper, shelf });
    await expectReads(gateway, protocol, expected);
    await expectWrite(gateway, protocol, expected);
  });
});

describe.concurrent('a module maps a code to its own declared error', () => {
  test.each([
    ['409', { rest: { status: 409, body: JSON.stringify({ detail: SECRET }) } }, 'sellSheet(id: "s1")'],
    ['ABORTED', { grpc: { status: 10, message: SECRET } }, 'sellRecord(id: "r1")'],
  ] as const)('%s returns the declared message, code and details', async (_status, options, field) => {
    await using gateway = await contract(options);
    const answer = await gateway.query(`mutation { sold: ${field} { id } }`);
    expect(answer.data).toEqual({ sold: null });
    expect(answer.errors).toEqual([
      {
        message: 'There is none left.',
        locations: expect.anything(),
        path: ['sold'],
        extensions: { code: 'SOLD_OUT', details: { left: 0 }, requestId: expect.any(String) },
      },
    ]);
    expectNoSecrets(answer);
  });

  test.each([
    ['400', { rest: { status: 400 } }, 'sellSheet(id: "s1")', 'BAD_USER_INPUT'],
    ['INVALID_ARGUMENT', { grpc: { status: 3 } }, 'sellRecord(id: "r1")', 'BAD_USER_INPUT'],
  ] as const)('%s keeps its own code', async (_status, options, field, code) => {
    await using gateway = await contract(options);
    const answer = await gateway.query(`mutation { sold: ${field} { id } }`);
    expect(errorsOf(answer)).toEqual([`sold ${code}`]);
  });
});
