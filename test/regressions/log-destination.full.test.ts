import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type SmallProcess, startSmall } from '../support/gateway/small-process.ts';
import { folderWith } from '../support/modules/module-folder.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';

/** A path that makes a log line about a thousand characters long. */
const LONG_PATH = `/${'x'.repeat(500)}`;
const LONG_AGENT = 'y'.repeat(250);
// Enough lines to exceed the buffers of pipe and process: 64 KiB and 4 Mi characters.
const MORE_THAN_FITS = 6_000;

const open = (path: string, flags: number | string): number => {
  const fd = openSync(path, flags);
  onTestFinished(() => {
    try {
      closeSync(fd);
    } catch {
      // Closed by the test.
    }
  });
  return fd;
};

/** A named pipe: the end to write to and the end to read from. */
const pipe = () => {
  const path = join(folderWith({}), 'log');
  execFileSync('mkfifo', [path]);
  const reader = open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { path, reader, writer: open(path, constants.O_WRONLY) };
};

const HELLO = { status: 200, text: '{"data":{"hello":"world"}}\n' };

const expectService = async (gateway: SmallProcess): Promise<void> => {
  for (let times = 0; times < 3; times += 1) expect(await gateway.post('{ hello }')).toMatchObject(HELLO);
  expect((await fetch(`${gateway.origin}/livez`)).status).toBe(200);
};

const expectEnd = async (gateway: SmallProcess): Promise<void> => {
  // `stop` sends SIGKILL after five seconds: signal null means that the process ended by itself.
  expect(await gateway.stop()).toEqual({ code: 0, signal: null });
};

const sendManyRequests = async (gateway: SmallProcess): Promise<void> => {
  const send = async () => {
    for (let times = 0; times < MORE_THAN_FITS / 20; times += 1)
      await (await fetch(gateway.origin + LONG_PATH, { headers: { 'user-agent': LONG_AGENT } })).text();
  };
  await Promise.all(Array.from({ length: 20 }, send));
};

const droppedBy = async (gateway: SmallProcess): Promise<number> =>
  Number(/^tributary_log_dropped_total\S* (\d+)$/m.exec(await gateway.metrics())?.[1]);

test('a full disk behind the log stops neither requests nor the shutdown', async () => {
  const gateway = await startSmall({ stdout: open('/dev/full', 'w') });
  await expectService(gateway);
  await expectEnd(gateway);
});

test('a closed pipe behind the log stops neither requests nor the shutdown', async () => {
  const { reader, writer } = pipe();
  const gateway = await startSmall({ stdout: writer });
  closeSync(reader);
  await expectService(gateway);
  await expectEnd(gateway);
});

test('a stalled reader of the log loses lines, which are counted and reported in one line when reading continues', async () => {
  const { reader, writer } = pipe();
  const gateway = await startSmall({ stdout: writer });
  await sendManyRequests(gateway);
  await expectService(gateway);
  const dropped = await droppedBy(gateway);
  expect(dropped).toBeGreaterThan(0);
  let text = '';
  const bytes = Buffer.alloc(65_536);
  const report = /"level":"warn".*"count":(\d+),"msg":"Log lines were dropped/;
  await vi.waitUntil(
    () => {
      try {
        text += bytes.toString('latin1', 0, readSync(reader, bytes));
      } catch {
        // Nothing to read at the moment.
      }
      return report.test(text);
    },
    { ...LONG_WAIT, interval: 1 },
  );
  expect(Number(report.exec(text)?.[1])).toBe(dropped);
  await expectEnd(gateway);
});

test('a stalled reader of the log does not delay the shutdown', async () => {
  const { writer } = pipe();
  const gateway = await startSmall({ stdout: writer });
  await sendManyRequests(gateway);
  await expectEnd(gateway);
});
