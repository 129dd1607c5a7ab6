import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import type { AuditEvent } from './audit-event.ts';
import { auditLog } from './audit-log.ts';

const rig = () => {
  const clock = manualClock();
  const lines: string[] = [];
  const counted: string[] = [];
  const log = auditLog({
    clock,
    to: { write: (line) => void lines.push(line) },
    networkOf: (address) => address.split('.')[0] ?? '',
    count: (event, outcome) => void counted.push(`${event} ${outcome}`),
  });
  return { clock, log, counted, entries: () => lines.map((line) => JSON.parse(line)), lines };
};

const refusal = (clientAddress: string): AuditEvent => ({
  event: 'credential.refused',
  actor: { kind: 'anonymous' },
  outcome: 'refused',
  reason: 'Invalid API key.',
  clientAddress,
  requestId: 'r-1',
});

test('an event is one line of JSON with its actor, action, target, outcome, address, request and time', () => {
  const { log, entries, lines } = rig();
  log.record({
    event: 'override.set',
    actor: { kind: 'operator' },
    outcome: 'success',
    target: { upstream: 'orders.orders', reason: 'a line\nbreak' },
    clientAddress: '192.0.2.1',
    requestId: 'r-1',
  });
  expect(lines[0]?.match(/\n/g)).toHaveLength(1);
  expect(entries()).toEqual([
    {
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      log: 'audit',
      event: 'override.set',
      outcome: 'success',
      actor: { kind: 'operator' },
      target: { upstream: 'orders.orders', reason: 'a line\nbreak' },
      client: { address: '192.0.2.1' },
      requestId: 'r-1',
      msg: 'audit',
    },
  ]);
});

test('long texts are cut, and a long target is omitted', () => {
  const { log, lines, entries } = rig();
  const long = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`k${at}`, 'x'.repeat(1_000)]));
  const owner = 'o'.repeat(10_000);
  log.record({ ...refusal('1.1'), actor: { kind: 'api-key', subject: 'k1', owner }, target: long });
  expect(lines[0]?.length).toBeLessThan(2_000);
  expect(entries()[0]).toMatchObject({ target: { omitted: expect.stringMatching(/^\d+ characters$/) } });
});

test('refusals have 100 lines a minute, and 10 of one network; one line has the number of all others', () => {
  const { clock, log, counted, entries } = rig();
  for (let at = 0; at < 1_000; at += 1) log.record(refusal('6.6'));
  for (let at = 0; at < 1_000; at += 1) log.record(refusal(`${at + 10}.1`));
  expect(entries()).toHaveLength(100);
  expect(entries().filter(({ client }) => client.address === '6.6')).toHaveLength(10);
  expect(counted).toHaveLength(2_000);
  clock.advance(60_000);
  expect(entries().at(-1)).toMatchObject({ log: 'audit', count: 1_900 });
  log.record(refusal('6.6'));
  expect(entries()).toHaveLength(102);
  expect(clock.pending).toBe(0);
});

test('other outcomes are never omitted', () => {
  const { log, entries } = rig();
  for (let at = 0; at < 1_000; at += 1) log.record({ ...refusal('6.6'), outcome: 'success' });
  expect(entries()).toHaveLength(1_000);
});

test('the number of omitted lines is written at the end of the process', () => {
  const { clock, log, entries } = rig();
  for (let at = 0; at < 11; at += 1) log.record(refusal('6.6'));
  log.close();
  expect([entries().at(-1).count, clock.pending]).toEqual([1, 0]);
});
