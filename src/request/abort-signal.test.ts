import { once } from 'node:events';
import { expect, test } from 'vitest';
import { abortSignalOf } from './abort-signal.ts';
import { Cancellation } from './cancellation.ts';

test('the AbortSignal aborts with its source and has the same reason', async () => {
  const cancellation = new Cancellation();
  const signal = abortSignalOf(cancellation);
  expect(signal).toBeInstanceOf(AbortSignal);
  expect(signal.aborted).toBe(false);
  const aborted = once(signal, 'abort');
  const reason = new Error('The client has left.');
  cancellation.abort(reason);
  await aborted;
  expect(signal.reason).toBe(reason);
});

test('the AbortSignal of an aborted source is aborted', () => {
  const cancellation = new Cancellation();
  cancellation.abort('late');
  const signal = abortSignalOf(cancellation);
  expect([signal.aborted, signal.reason]).toEqual([true, 'late']);
});

test('one source has one AbortSignal, and an AbortSignal is returned unchanged', () => {
  const cancellation = new Cancellation();
  expect(abortSignalOf(cancellation)).toBe(abortSignalOf(cancellation));
  const { signal } = new AbortController();
  expect(abortSignalOf(signal)).toBe(signal);
});
