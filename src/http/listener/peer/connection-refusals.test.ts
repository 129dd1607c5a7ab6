import { expect, test } from 'vitest';
import { manualClock } from '../../../../test/support/clock/manual-clock.ts';
import { connectionRefusals } from './connection-refusals.ts';

test('of a flood of refusals one line is logged, and one in ten seconds with their number', () => {
  const clock = manualClock();
  const lines: unknown[] = [];
  const log = { warn: (_message: string, fields?: unknown) => void lines.push(fields), error: () => {} };
  let counted = 0;
  const refuse = connectionRefusals(log, clock, 'public', () => {
    counted += 1;
  });
  for (let n = 0; n < 1_000; n += 1) refuse('no PROXY header', '10.0.0.1');
  expect(counted).toBe(1_000);
  expect(lines).toEqual([{ listener: 'public', reason: 'no PROXY header', peer: '10.0.0.1' }]);
  clock.advance(10_000);
  expect(lines.at(-1)).toEqual({ listener: 'public', reason: 'no PROXY header', count: 999 });
  clock.advance(20_000);
  expect(lines).toHaveLength(2);
  refuse('no PROXY header', '10.0.0.2');
  expect(lines).toHaveLength(3);
});

test('other reasons have lines of their own, in a bounded number', () => {
  const lines: unknown[] = [];
  const log = { warn: (_message: string, fields?: unknown) => void lines.push(fields), error: () => {} };
  const refuse = connectionRefusals(log, manualClock(), 'admin');
  for (let n = 0; n < 1_000; n += 1) refuse(`reason ${n}`, undefined);
  expect(lines).toHaveLength(50);
});
