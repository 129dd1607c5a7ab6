import { write, writeSync } from 'node:fs';
import { type Clock, wallTime } from '../clock.ts';
import { LineWriter } from './line-writer.ts';

const STDOUT = 1;

const lossLine = (count: number): string =>
  `${JSON.stringify({
    level: 'warn',
    time: new Date(wallTime()).toISOString(),
    count,
    msg: 'Log lines were dropped: standard output could not be written.',
  })}\n`;

/**
 * Standard output as a destination of whole lines, for a process that must go on when nothing can be written: the disk is
 * full, the pipe is closed, or its reader has stopped.
 */
export const standardOutput = (clock: Clock): LineWriter => {
  // Node opens its stream on first use, and makes a pipe or socket non-blocking then. A write that blocks would hold a thread,
  // which the end of the process would wait for.
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
