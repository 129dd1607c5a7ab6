import { getEventListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Semaphore } from './semaphore.ts';

const SIGNAL = new AbortController().signal;

test('no more tasks hold a permit than there are, and the others follow in order', async () => {
  const semaphore = new Semaphore(2);
  const begun: number[] = [];
  const releases = Array.from({ length: 5 }, async (_, n) => {
    const release = await semaphore.acquire(SIGNAL);
    begun.push(n);
    return release;
  });
  await setImmediate();
  expect(begun).toEqual([0, 1]);
  for (const [n, release] of releases.entries()) {
    (await release)();
    await setImmediate();
    expect(begun).toEqual([0, 1, 2, 3, 4].slice(0, n + 3));
  }
});

test('an aborted task leaves the queue without a permit, and one that has its permit gives it back once', async () => {
  const semaphore = new Semaphore(1);
  const release = await semaphore.acquire(SIGNAL);
  const caller = new AbortController();
  const left = semaphore.acquire(caller.signal);
  const next = semaphore.acquire(SIGNAL);
  caller.abort(new Error('gone'));
  await expect(left).rejects.toThrow('gone');
  expect(getEventListeners(caller.signal, 'abort')).toEqual([]);
  release();
  release();
  const last = semaphore.acquire(SIGNAL);
  const order: string[] = [];
  void last.then(() => order.push('last'));
  const releaseNext = await next;
  await setImmediate();
  expect(order).toEqual([]);
  releaseNext();
  await last;
  await expect(semaphore.acquire(caller.signal)).rejects.toThrow('gone');
});
