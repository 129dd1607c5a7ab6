import { type ChildProcess, fork } from 'node:child_process';
import { MOCK_NAMES, type MockName, type MockOptions, startMock } from './start.ts';

/** Runs one mock in this process, and prints a line once it listens. Rejects if it cannot listen. */
export const runOne = async (name: MockName, options: MockOptions): Promise<void> => {
  // The parent may be gone before this listener is registered.
  if (process.send !== undefined) {
    if (!process.connected) process.exit(0);
    process.on('disconnect', () => process.exit(0));
  }
  const { url, controlUrl } = await startMock(name, options);
  process.stdout.write(`${name} listening on ${url} (control ${controlUrl})\n`);
  process.send?.('ready');
};

interface Child {
  readonly name: MockName;
  readonly process: ChildProcess;
  ready: boolean;
}

/**
 * Runs every mock, each in a process of its own. A mock that cannot start ends all of them with exit code 1. A mock
 * that ends later leaves the others running, so that an outage can be tried.
 */
export const runAll = (entry: string, flags: readonly string[]): void => {
  const children: readonly Child[] = MOCK_NAMES.map((name) => ({
    name,
    process: fork(entry, [name, ...flags]),
    ready: false,
  }));
  const living = new Set(children);
  let exitCode: number | null = null;

  const stop = (code: number): void => {
    exitCode ??= code;
    for (const child of living) child.process.kill('SIGTERM');
    if (living.size === 0) process.exit(exitCode);
  };
  const ended = (child: Child, how: string): void => {
    living.delete(child);
    if (exitCode !== null || !child.ready || living.size === 0) stop(1);
    else process.stderr.write(`${child.name} ended (${how}); the other mocks go on\n`);
  };

  for (const child of children) {
    child.process.once('message', () => {
      child.ready = true;
    });
    child.process.once('exit', (code, signal) => ended(child, signal ?? `exit code ${code}`));
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(0));
};
