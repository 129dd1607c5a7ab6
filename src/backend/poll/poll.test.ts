import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { type PollOptions, pollWithin } from './poll.ts';

interface Operation {
  readonly done: boolean;
}

/** A poll at time 0. A list has the answers to its reads; the last answer repeats. */
const polling = (answers: readonly unknown[], options: Partial<PollOptions<unknown>> = {}, deadline = 60_000) => {
  const clock = manualClock();
  const end = new AbortController();
  const readAt: number[] = [];
  const read = () => {
    readAt.push(clock.now());
    return Promise.resolve(answers[Math.min(readAt.length, answers.length) - 1]);
  };
  const isDone = (answer: unknown) =>
    (answer as { value?: Operation } & Operation).value?.done ?? (answer as Operation).done;
  const poll = pollWithin({ signal: end.signal, deadline }, clock)({ read, isDone, ...options });
  const outcome = poll.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  /** Advances in steps, so that each read is answered at its time. */
  const advance = async (ms: number) => {
    for (let at = 0; at < ms; at += 50) {
      await setImmediate();
      clock.advance(50);
    }
    await setImmediate();
  };
  return { clock, end, readAt, outcome, advance };
};

const RUNNING = { done: false };
const DONE = { done: true };
const full = (value: Operation, headers: Readonly<Record<string, string>>) => ({ status: 200, headers, value });

test('reads at once, then with growing waits up to maxMs, until the operation is done', async () => {
  const every = { startMs: 100, maxMs: 400, factor: 2 };
  const { readAt, outcome, advance, clock } = polling([RUNNING, RUNNING, RUNNING, RUNNING, RUNNING, DONE], { every });
  await advance(2_000);
  expect(readAt).toEqual([0, 100, 300, 700, 1_100, 1_500]);
  expect(await outcome).toEqual({ value: DONE });
  expect(clock.pending).toBe(0);
});

test('a known first answer saves a read', async () => {
  const known = polling([DONE], { first: DONE });
  expect(await known.outcome).toEqual({ value: DONE });
  expect(known.readAt).toEqual([]);
  const running = polling([DONE], { first: RUNNING });
  await running.advance(300);
  expect(running.readAt).toEqual([250]);
});

test('Retry-After of an answer of full is the wait, but not below startMs', async () => {
  const answers = [
    full(RUNNING, { 'retry-after': '2' }),
    full(RUNNING, { 'retry-after': '0' }),
    full(RUNNING, { 'retry-after': 'soon' }),
    full(RUNNING, { 'retry-after': 'Wed, 02 Jan 2030 00:00:03 GMT', date: 'Wed, 02 Jan 2030 00:00:00 GMT' }),
    full(DONE, {}),
  ];
  const { readAt, outcome, advance } = polling(answers, { every: { startMs: 100, factor: 1 } });
  await advance(6_000);
  expect(readAt).toEqual([0, 2_000, 2_100, 2_200, 5_200]);
  expect(await outcome).toEqual({ value: answers[4] });
});

test.each<[string, Partial<PollOptions<unknown>>, number, readonly number[]]>([
  ['the deadline of the request', {}, 400, [0, 100, 300]],
  ['timeoutMs', { timeoutMs: 250 }, 60_000, [0, 100]],
  ['the deadline before timeoutMs', { timeoutMs: 1_000 }, 150, [0, 100]],
  ['maxReads', { maxReads: 2 }, 60_000, [0, 100]],
])('TIMEOUT as soon as %s leaves no further read', async (_what, options, deadline, expected) => {
  const { readAt, outcome, advance, clock } = polling([RUNNING], { every: { startMs: 100 }, ...options }, deadline);
  await advance(500);
  expect(readAt).toEqual(expected);
  expect(await outcome).toMatchObject({ error: { code: 'TIMEOUT' } });
  expect(clock.pending).toBe(0);
});

test('a Retry-After beyond the deadline ends the poll at once', async () => {
  const { outcome, readAt } = polling([full(RUNNING, { 'retry-after': '120' })]);
  expect(await outcome).toMatchObject({ error: { code: 'TIMEOUT' } });
  expect(readAt).toEqual([0]);
});

test('the end of the request ends the wait, and no read follows', async () => {
  const { end, outcome, readAt, clock } = polling([RUNNING]);
  await setImmediate();
  end.abort(new Error('the client has left'));
  expect(await outcome).toMatchObject({ error: { message: 'the client has left' } });
  expect([readAt, clock.pending]).toEqual([[0], 0]);
});

test('a request that has ended reads nothing', async () => {
  const ended = AbortSignal.abort(new Error('the client has left'));
  const poll = pollWithin({ signal: ended, deadline: 1 }, manualClock());
  const read = () => expect.unreachable('a read');
  await expect(poll({ read, isDone: () => true })).rejects.toThrow('the client has left');
});

test('an error of a read ends the poll unchanged', async () => {
  const failure = new Error('404');
  const read = () => Promise.reject(failure);
  expect(await polling([], { read }).outcome).toEqual({ error: failure });
});

test('invalid numbers are an Error with all problems', async () => {
  const every = { startMs: 0, maxMs: -1, factor: 0.5 };
  const { outcome } = polling([DONE], { every, timeoutMs: Number.NaN, maxReads: 1.5 });
  expect(await outcome).toMatchObject({
    error: {
      message:
        'poll: every.startMs must be above 0; every.maxMs must be at least every.startMs; every.factor must be at least 1; timeoutMs must be above 0; maxReads must be a whole number above 0.',
    },
  });
});
