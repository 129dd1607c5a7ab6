import { expect, test } from 'vitest';
import { restCall } from '../../../test/support/upstream/calls.ts';
import { scriptedSend } from '../../../test/support/upstream/scripted-send.ts';
import type { Call } from '../../upstream/call.ts';
import { messageStream } from './message-stream.ts';

/** A stream; the test answers its call. */
const streamed = (makeCall: () => Call = () => restCall()) => {
  const { sent, send, at } = scriptedSend();
  return { stream: messageStream('shop.things: watch', makeCall, send), sent, at };
};

/** Messages without end: after these, the reader waits until the call is aborted, and rejects with its reason. */
const endless = (signal: Call['signal'], ...given: readonly unknown[]): AsyncIterable<unknown> => ({
  async *[Symbol.asyncIterator]() {
    yield* given;
    signal.throwIfAborted();
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
  },
});

const DONE = { done: true, value: undefined };

test('nothing is sent before the first message is requested', async () => {
  const { stream, sent, at } = streamed();
  const reader = stream[Symbol.asyncIterator]();
  expect(sent).toHaveLength(0);
  const first = reader.next();
  at(0).reply({ value: endless(at(0).call.signal, 'a'), ended: new Promise(() => {}) });
  expect(await first).toEqual({ done: false, value: 'a' });
  expect(sent).toHaveLength(1);
});

test('leaving before the answer aborts the call, and a pending read ends without a message', async () => {
  const { stream, at } = streamed();
  const reader = stream[Symbol.asyncIterator]();
  const first = reader.next();
  expect(await reader.return?.()).toEqual(DONE);
  expect(await first).toEqual(DONE);
  expect(at(0).call.signal.reason).toMatchObject({ name: 'ReaderLeftError' });
  expect(await reader.next()).toEqual(DONE);
});

test('leaving while a message is awaited aborts the call immediately', async () => {
  const { stream, at } = streamed();
  const reader = stream[Symbol.asyncIterator]();
  const both = [reader.next(), reader.next()];
  at(0).reply({ value: endless(at(0).call.signal, 'a'), ended: new Promise(() => {}) });
  expect(await both[0]).toEqual({ done: false, value: 'a' });
  await reader.return?.();
  expect(await both[1]).toEqual(DONE);
  expect(at(0).call.signal.aborted).toBe(true);
});

test('leaving before the first read sends nothing, then or later', async () => {
  const { stream, sent } = streamed();
  const reader = stream[Symbol.asyncIterator]();
  await reader.return?.();
  expect(await reader.next()).toEqual(DONE);
  expect(sent).toHaveLength(0);
});

test('the error of the call is thrown once, from the loop, and then the stream has ended', async () => {
  const { stream, at } = streamed();
  const reader = stream[Symbol.asyncIterator]();
  const both = [reader.next(), reader.next()];
  at(0).fail(new Error('refused'));
  await expect(both[0]).rejects.toThrow('refused');
  expect(await both[1]).toEqual(DONE);
});

test('an invalid call is thrown from the loop, not before it', async () => {
  const { stream, sent } = streamed(() => {
    throw new Error('no such message');
  });
  await expect(stream[Symbol.asyncIterator]().next()).rejects.toThrow('no such message');
  expect(sent).toHaveLength(0);
});

test('a second iteration throws an Error and sends nothing', async () => {
  const { stream, sent } = streamed();
  stream[Symbol.asyncIterator]();
  expect(() => stream[Symbol.asyncIterator]()).toThrow('shop.things: watch: a stream can be read only once.');
  expect(sent).toHaveLength(0);
});

test('the request’s signal ends a stream with its own reason, and its listener is removed when the stream has ended', async () => {
  const request = new AbortController();
  const { stream, at } = streamed(() => restCall({ signal: request.signal }));
  const reader = stream[Symbol.asyncIterator]();
  const both = [reader.next(), reader.next()];
  const ended = Promise.withResolvers<void>();
  at(0).reply({ value: endless(at(0).call.signal, 'a'), ended: ended.promise });
  await both[0];
  request.abort(new Error('the client left'));
  await expect(both[1]).rejects.toThrow('the client left');

  const other = new AbortController();
  const second = streamed(() => restCall({ signal: other.signal }));
  const first = second.stream[Symbol.asyncIterator]().next();
  second.at(0).reply({ value: endless(second.at(0).call.signal, 'a'), ended: Promise.resolve() });
  await first;
  other.abort(new Error('the client left'));
  expect(second.at(0).call.signal.aborted).toBe(false);
});
