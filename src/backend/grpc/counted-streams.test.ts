import { expect, test } from 'vitest';
import { untraced } from '../../telemetry/open-trace.ts';
import type { Call, GrpcMessage, Send } from '../../upstream/call.ts';
import { sendCounted } from './counted-streams.ts';
import { outgoingStream, withoutWrapper } from './outgoing-stream.ts';

const account = (limit: number) => {
  const counted = { bytes: 0 };
  const grow = (bytes: number): boolean => {
    counted.bytes += bytes;
    return counted.bytes <= limit;
  };
  return { counted, memory: { grow, mayEnd: () => {} } };
};

const SIZE = 1_000;
const MESSAGE = new Uint8Array(SIZE);

/** A call with these messages, and what became of their iteration. */
const callWith = (sizes: readonly number[], streaming: boolean) => {
  const seen = { isEnded: false };
  const messages = async function* () {
    try {
      for (const size of sizes) yield new Uint8Array(size);
    } finally {
      seen.isEnded = true;
    }
  };
  const message: GrpcMessage = {
    protocol: 'grpc',
    path: '/Chat',
    request: new Uint8Array(0),
    outgoing: outgoingStream('shop.chat: Chat', messages(), (one) => one as Uint8Array), // made above
    decode: (bytes) => bytes.length,
    streaming,
  };
  const call: Call = {
    upstream: 'shop.chat',
    route: 'Chat',
    idempotent: false,
    principalKey: 'anonymous',
    caller: 'anonymous',
    isIdentified: false,
    headers: {},
    message,
    deadline: 5_000,
    signal: new AbortController().signal,
    bounded: false,
    request: untraced(),
    attempt: 1,
    endpoint: null,
    affinity: null,
    origin: undefined,
  };
  return { call, message, seen };
};

/** A backend that reads all messages, and answers with this number of its own. */
const backend =
  (count: number): Send =>
  async ({ message }) => {
    if (message.protocol !== 'grpc') throw new Error('not gRPC');
    let received = 0;
    while ((await message.outgoing?.next()) instanceof Uint8Array) received += 1;
    const messages = async function* () {
      for (let at = 0; at < count; at += 1) yield message.decode(MESSAGE);
    };
    const value = message.streaming === true ? messages() : message.decode(MESSAGE);
    return { status: 0, headers: { received: String(received) }, size: SIZE, value };
  };

const readAll = async (value: unknown): Promise<unknown[]> => {
  const read: unknown[] = [];
  for await (const one of value as AsyncIterable<unknown>) read.push(one); // the answer of a stream
  return read;
};

const errorOf = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => null, withoutWrapper);

test('messages that are received count all, as estimated heap', async () => {
  const { counted, memory } = account(Number.POSITIVE_INFINITY);
  const { call, message } = callWith([], true);
  const { value } = await sendCounted(backend(3), call, message, memory);
  expect(counted.bytes).toBe(0);
  expect(await readAll(value)).toEqual([SIZE, SIZE, SIZE]);
  expect(counted.bytes).toBe(3 * 8 * SIZE);
});

test('of messages that are sent the largest counts: one is held at a time', async () => {
  const { counted, memory } = account(Number.POSITIVE_INFINITY);
  const { call, message } = callWith([100, 700, 700, 300], false);
  const { headers, value } = await sendCounted(backend(0), call, message, memory);
  expect([headers.received, value]).toEqual(['4', SIZE]);
  expect(counted.bytes).toBe(700 + 8 * SIZE);
});

test('a received message without room ends the loop with OVERLOADED', async () => {
  const { memory } = account(2 * 8 * SIZE);
  const { call, message } = callWith([], true);
  const { value } = await sendCounted(backend(5), call, message, memory);
  const read: unknown[] = [];
  const reading = async () => {
    for await (const one of value as AsyncIterable<unknown>) read.push(one); // the answer of a stream
  };
  expect(await errorOf(reading())).toMatchObject({ code: 'OVERLOADED' });
  expect(read).toEqual([SIZE, SIZE]);
});

test('a message without room ends the request of a client-streaming call, and the iteration of its messages', async () => {
  const { memory } = account(500);
  const { call, message, seen } = callWith([400, 900, 400], false);
  expect(await errorOf(sendCounted(backend(0), call, message, memory))).toMatchObject({ code: 'OVERLOADED' });
  expect(seen.isEnded).toBe(true);
});
