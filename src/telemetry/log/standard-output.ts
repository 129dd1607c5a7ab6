import { write, writeSync } from 'node:fs';
import { type Clock, wallTime } from '../../core/clock.ts';
import { LineWriter } from './line-writer.ts';

const STDOUT = 1;

const lossLine = (count: number): string =>
  `${JSON.stringify({
    level: 'warn',
    time: new Date(wallTime()).toISOString(),
    count,
    msg: 'Log lines were dropped: writing to standard output failed.',
  })}\n`;

/**
 * Writes whole lines to standard output. The process continues while the disk is full, the pipe is closed, or its
 * reader has stopped.
 */
export const standardOutput = (clock: Clock): LineWriter => {
  // First use of Node's stream, which makes a pipe or socket non-blocking. A blocking write would hold a thread and
  // delay the end of the process.
  process.stdout.on('error', () => {});
  const writer = new LineWriter({
    clock,
    write: (bytes, done) => write(STDOUT, bytes, (error, written) => done(error, written)),
    writeNow: (bytes) => writeSync(STDOUT, bytes),
    lossLine,
  });
  process.once('exit', () => writer.flushNow());
  return writer;
};
