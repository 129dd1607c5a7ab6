import { pino, stdTimeFunctions } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { processLog } from './process-log.ts';

const linesOf = () => {
  const lines: string[] = [];
  return { lines, to: { write: (line: string) => void lines.push(line) } };
};

const at = (time: string): void => {
  vi.useFakeTimers({ now: new Date(time), toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
};

test.each([
  ['of plain fields', { requestId: 'r-1', traceId: null, status: 200, bytes: 0 }],
  [
    'with nested fields',
    { client: { address: '::1', name: undefined }, upstream: { calls: 2, addresses: ['a', 'b'] }, cache: { hit: 1 } },
  ],
  ['with undefined fields', { requestId: 'r-1', userAgent: undefined, errors: undefined }],
  [
    'with numbers that JSON does not support',
    { bytes: Number.NaN, durationMs: Number.POSITIVE_INFINITY, status: 12.4 },
  ],
  [
    'with special characters',
    { path: '/"\\\n\r\u0000\u2028</script>', userAgent: '\ud800 é 😀', method: '"},{"level":"error' },
  ],
])('the line of a request has the format of pino, for an entry %s', (_, entry) => {
  at('2026-11-21T12:00:00.007Z');
  const [ours, its] = [linesOf(), linesOf()];
  processLog({ level: 'info', to: ours.to }).access(entry);
  const formatters = { level: (level: string) => ({ level }) };
  pino({ base: null, timestamp: stdTimeFunctions.isoTime, formatters }, its.to).info(entry, 'request');
  expect(ours.lines).toEqual(its.lines);
});

test('each line has its own time, within one second and across seconds', () => {
  const { lines, to } = linesOf();
  const log = processLog({ level: 'info', to });
  const times = ['12:00:00.999', '12:00:01.000', '12:00:01.001', '12:00:01.050', '11:59:59.999', '23:59:59.999'];
  for (const time of times) {
    at(`2026-11-21T${time}Z`);
    log.access({ n: 1 });
    log.warn('A word.');
  }
  expect(lines.map((line) => JSON.parse(line).time)).toEqual(
    times.flatMap((time) => [`2026-11-21T${time}Z`, `2026-11-21T${time}Z`]),
  );
});

test.each([
  ['debug', 1],
  ['info', 1],
  ['warn', 0],
  ['error', 0],
  ['silent', 0],
] as const)('at level %s a request has %i lines', (level, count) => {
  const { lines, to } = linesOf();
  processLog({ level, to }).access({ n: 1 });
  expect(lines).toHaveLength(count);
});
