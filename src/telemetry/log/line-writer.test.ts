import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { LineWriter, type LineWriterOptions } from './line-writer.ts';

type Done = Parameters<LineWriterOptions['write']>[1];

const failure = (code: string): Error => Object.assign(new Error(code), { code });

const scripted = (options: Partial<LineWriterOptions> = {}) => {
  const clock = manualClock();
  const writes: { readonly bytes: Buffer; readonly done: Done }[] = [];
  const taken: Buffer[] = [];
  const writer = new LineWriter({
    clock,
    maxWaiting: 20,
    lossLine: (dropped) => `lost ${dropped}\n`,
    write: (bytes, done) => void writes.push({ bytes, done }),
    writeNow: () => 0,
    ...options,
  });
  /** Completes the current write with this number of bytes, or with all. */
  const take = (count?: number): void => {
    const { bytes, done } = writes.shift() ?? expect.fail('nothing is being written');
    taken.push(bytes.subarray(0, count));
    done(null, count ?? bytes.length);
  };
  const fail = (code: string): void =>
    (writes.shift() ?? expect.fail('nothing is being written')).done(failure(code), 0);
  return { clock, writes, writer, take, fail, taken: () => Buffer.concat(taken).toString() };
};

test('lines that arrive during a write are sent together in the next one', () => {
  const { writer, writes, take, taken } = scripted();
  for (const line of ['a\n', 'b\n', 'c\n']) writer.write(line);
  take();
  expect(writes).toHaveLength(1);
  take();
  expect(taken()).toBe('a\nb\nc\n');
});

test('a partial write is continued before the next line, even within a character', () => {
  const { writer, take, taken } = scripted();
  writer.write('aé\n');
  writer.write('b\n');
  // The second write ends between the two bytes of é.
  for (const count of [1, 1, 2]) take(count);
  take();
  expect(taken()).toBe('aé\nb\n');
});

test.each([
  ['EAGAIN', 50],
  ['EBUSY', 50],
  ['ENOSPC', 1_000],
  ['EPIPE', 1_000],
])('a write that fails with %s is repeated after %i ms', (code, ms) => {
  const { clock, writer, writes, fail, take, taken } = scripted();
  writer.write('a\n');
  fail(code);
  clock.advance(ms - 1);
  expect(writes).toEqual([]);
  clock.advance(1);
  take();
  expect(taken()).toBe('a\n');
});

test('lines beyond the bound are dropped and counted, and one line reports them after half of the room is free', () => {
  const { clock, writer, fail, take, taken } = scripted({ maxWaiting: 10 });
  writer.write('1234567\n');
  fail('ENOSPC');
  for (const line of ['a\n', 'b\n', 'c\n']) writer.write(line);
  expect(writer.dropped).toBe(2);
  clock.advance(1_000);
  take();
  take();
  expect(taken()).toBe('1234567\na\nlost 2\n');
  expect(writer.dropped).toBe(2);
});

test('a flush resolves after the last line, or at its time limit', async () => {
  const { clock, writer, take, fail } = scripted();
  await writer.flush(1_000);
  writer.write('a\n');
  const flushed = writer.flush(1_000);
  take();
  await flushed;
  expect(clock.pending).toBe(0);
  writer.write('b\n');
  const late = writer.flush(1_000);
  fail('EPIPE');
  clock.advance(1_000);
  await late;
});

test('flushNow writes the waiting lines once, and stops at the first failure', () => {
  const now: string[] = [];
  const writeNow = (bytes: Buffer): number => {
    if (now.length === 2) throw failure('ENOSPC');
    now.push(bytes.subarray(0, 2).toString());
    return 2;
  };
  const { writer, fail } = scripted({ writeNow });
  writer.write('a\n');
  writer.write('b\n');
  fail('EAGAIN');
  writer.write('c\n');
  writer.flushNow();
  expect(now).toEqual(['a\n', 'b\n']);
});
