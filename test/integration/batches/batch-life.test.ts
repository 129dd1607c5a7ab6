import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { memoryInFlight } from '../../../src/http/graphql/memory-in-flight.ts';
import { auditLog } from '../../../src/telemetry/audit/audit-log.ts';
import { noTelemetry } from '../../../src/telemetry/telemetry.ts';
import { manualClock } from '../../support/clock/manual-clock.ts';
import { batchGateway, codesOf, entriesOf } from '../../support/gateway/batch-gateway.ts';
import { times } from '../../support/gateway/ruled-gateway.ts';

const slow = (count: number) => entriesOf(...times(count, '{ slow }'));

describe.each([[true], [false]])('direct edge: %s', (directEdge) => {
  test('at most five operations of a batch are executed at one time, in the order of the batch', async () => {
    const { send, waiting } = await batchGateway({ directEdge });
    const sending = send([...slow(7), { query: '{ hello }' }]);
    await expect.poll(() => waiting.length).toBe(5);
    // A request of its own is not held up.
    expect((await send({ query: '{ hello }' })).status).toBe(200);
    expect(waiting).toHaveLength(5);
    waiting[0]?.release();
    await expect.poll(() => waiting.length).toBe(6);
    for (const { release } of waiting) release();
    await expect.poll(() => waiting.length).toBe(7);
    waiting[6]?.release();
    expect(codesOf(await sending).flat()).toEqual([]);
  });

  test('a client that disconnects cancels all operations, and no further one begins', async () => {
    const { origin, waiting, access, send } = await batchGateway({ directEdge });
    const headers = { 'content-type': 'application/json' };
    const sent = request(`${origin}/graphql`, { method: 'POST', headers, agent: false });
    sent.on('error', () => {}); // the connection is destroyed below
    sent.end(JSON.stringify([...slow(6), { query: 'mutation { add }' }]));
    await expect.poll(() => waiting.length).toBe(5);
    sent.destroy();
    await expect.poll(() => waiting.filter(({ signal }) => signal.aborted).length).toBe(5);
    await expect.poll(() => access.length).toBe(1);
    expect(access[0]).toMatchObject({ status: 499 });
    expect((await send({ query: '{ count }' })).body).toEqual({ data: { count: 0 } });
    expect(waiting).toHaveLength(5);
  });

  test('the deadline of the request is that of all operations: those that have not begun are refused', async () => {
    const clock = manualClock();
    const { send, waiting } = await batchGateway({ directEdge, clock, edge: { clock } });
    const sending = send([{ query: '{ hello }' }, ...slow(5), { query: 'mutation { add }' }]);
    await expect.poll(() => waiting.length).toBe(5);
    clock.advance(200_000);
    const late = await sending;
    expect([late.status, codesOf(late)]).toEqual([200, [[], ...times(6, '').map(() => ['TIMEOUT'])]]);
    expect(late.body[0]).toEqual({ data: { hello: 'world' } });
    expect(waiting).toHaveLength(5);
    expect((await send({ query: '{ count }' })).body).toEqual({ data: { count: 0 } });
  });

  test('a batch has one line in the access log, with each operation', async () => {
    const { send, access } = await batchGateway({ directEdge });
    await send(entriesOf('query A { hello }', '{ unknown }', 'mutation B { add }', '{ fail must }'), {
      'x-request-id': 'r',
      'tributary-cost': 'show',
    });
    await expect.poll(() => access.length).toBe(1);
    const [line] = access;
    expect(line).toMatchObject({
      requestId: 'r',
      status: 200,
      operation: undefined,
      errors: ['GRAPHQL_VALIDATION_FAILED', 'INTERNAL_SERVER_ERROR'],
      operations: [
        {
          requestId: 'r.1',
          operation: { type: 'query', name: 'A', hash: expect.any(String) },
          status: 200,
          cost: { static: 1, actual: 1 },
        },
        { requestId: 'r.2', operation: undefined, status: 400, errors: ['GRAPHQL_VALIDATION_FAILED'] },
        { requestId: 'r.3', operation: { type: 'mutation', name: 'B' }, status: 200, errors: undefined },
        { requestId: 'r.4', operation: { type: 'query', name: null }, errors: ['INTERNAL_SERVER_ERROR'] },
      ],
    });
    await send({ query: '{ hello }' });
    await expect.poll(() => access.length).toBe(2);
    expect(access[1]?.operations).toBeUndefined();
  });

  test('metrics count one request and each operation and error once', async () => {
    const counted: string[] = [];
    const metrics = {
      ...noTelemetry.metrics,
      requestEnded: ({ status }: { readonly status: number }) => void counted.push(`request ${status}`),
      operationEnded: ({ name, failed }: { readonly name: string | null; readonly failed: boolean }) =>
        void counted.push(`operation ${name} ${failed}`),
      errorSent: (code: string) => void counted.push(code),
    };
    const { send } = await batchGateway({ directEdge, edge: { telemetry: { ...noTelemetry, metrics } } });
    await send(entriesOf('query A { hello }', 'query B { fail }', '{ unknown }'));
    await expect.poll(() => counted.length).toBe(5);
    expect(counted.sort()).toEqual([
      'GRAPHQL_VALIDATION_FAILED',
      'INTERNAL_SERVER_ERROR',
      'operation A false',
      'operation B true',
      'request 200',
    ]);
  });

  test('each forbidden operation of a batch is in the audit log, with its name and its request id', async () => {
    const lines: string[] = [];
    const audit = auditLog({
      clock: manualClock(),
      to: { write: (line) => void lines.push(line) },
      networkOf: (address) => address,
    });
    const { send } = await batchGateway({ directEdge, edge: { audit } });
    const codes = codesOf(
      await send(entriesOf('query One { secret }', '{ hello }', 'query Two { secret }'), {
        authorization: 'Bearer u',
        'x-request-id': 'r',
      }),
    );
    expect(codes).toEqual([['FORBIDDEN'], [], ['FORBIDDEN']]);
    await expect.poll(() => lines.length).toBe(2);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { event: 'access.refused', requestId: 'r.1', target: { operation: 'One' } },
      { event: 'access.refused', requestId: 'r.3', target: { operation: 'Two' } },
    ]);
  });

  test('a batch of queries is ended as a whole to free memory, one with a mutation is completed', async () => {
    const MIB = 1_048_576;
    const memory = memoryInFlight(8 * MIB, systemClock);
    const { send, waiting } = await batchGateway({ directEdge, edge: { memory } });
    const outcome = async (first: string, isEnded: boolean) => {
      const before = waiting.length;
      // The length of the body makes the request large enough to be ended.
      const sending = send([{ query: first, padding: 'x'.repeat(400_000) }, { query: '{ slow }' }]);
      await expect.poll(() => waiting.length).toBe(before + 1);
      await expect
        .poll(() => {
          const other = memory.admit(0) ?? expect.fail('not admitted');
          other.grow(9 * MIB);
          other.release();
          return waiting[before]?.signal.aborted;
        })
        .toBe(isEnded);
      for (const { release } of waiting) release();
      const { status, body } = await sending;
      return [status, body.errors?.[0].extensions.code ?? body[1].data];
    };
    expect(await outcome('{ hello }', true)).toEqual([503, 'OVERLOADED']);
    expect(await outcome('{ unknown }', true)).toEqual([503, 'OVERLOADED']);
    expect(await outcome('mutation { add }', false)).toEqual([200, { slow: 1 }]);
  });
});
