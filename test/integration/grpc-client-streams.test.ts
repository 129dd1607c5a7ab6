import { type ServerDuplexStream, status } from '@grpc/grpc-js';
import { UpstreamError } from 'tributary/backend';
import { expect, test, vi } from 'vitest';
import { libraryServer } from '../support/modules/library.ts';
import {
  books,
  type Chat,
  type Clients,
  countAll,
  type Duplex,
  endless,
  gatewayTo,
  runAt,
  type Upload,
  watched,
} from '../support/modules/library-streams.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';
import { freePort } from '../support/processes/ports.ts';

test('a client-streaming call sends every message of an async iterable or a list, and has one answer', async () => {
  await using server = await libraryServer({ ReturnBooks: countAll });
  const { run } = await runAt(server, async ({ books: client }) => [
    await client.returnBooks(books(1_000).messages),
    await client.returnBooks([{ name: 'a' }, { name: 'b' }]),
    await client.returnBooks([]),
  ]);
  expect(run).toEqual([{ count: 1_000 }, { count: 2 }, { count: 0 }]);
});

test('a client-streaming call may last longer than timeoutMs, and ends at the deadline of the request', async () => {
  await using server = await libraryServer({ ReturnBooks: countAll });
  const gate = Promise.withResolvers<void>();
  const slow = watched(async function* (take) {
    take();
    yield { name: 'a' };
    await gate.promise;
  });
  const { codes } = await runAt(server, ({ books: client }) => client.returnBooks(slow.messages), {
    REQUEST_TIMEOUT_MS: '400',
  });
  expect(codes).toEqual(['TIMEOUT']);
  gate.resolve();
  await vi.waitFor(() => expect(slow.seen).toEqual({ taken: 1, isEnded: true }), LONG_WAIT);
});

test('a bidirectional call alternates messages: each request depends on the answer before it', async () => {
  const Chat: Duplex = (call) => {
    call.on('data', ({ text }) => call.write({ text: `${text}!` }));
    call.on('end', () => call.end());
  };
  await using server = await libraryServer({ Chat });
  const { run } = await runAt(server, async ({ books: client }) => {
    let next = Promise.withResolvers<string | null>();
    next.resolve('a');
    const questions = async function* () {
      for (let text = await next.promise; text !== null; text = await next.promise) {
        next = Promise.withResolvers();
        yield { text };
      }
    };
    const answers: string[] = [];
    for await (const { text } of client.chat(questions())) {
      answers.push(text);
      next.resolve(answers.length < 3 ? text : null);
    }
    return answers;
  });
  expect(run).toEqual(['a!', 'a!!', 'a!!!']);
});

test('an answer before the last message ends the iteration, and is the result', async () => {
  const ReturnBooks: Upload = (call, reply) => call.once('data', () => reply(null, { count: 1 }));
  await using server = await libraryServer({ ReturnBooks });
  const { seen, messages } = endless();
  const { run } = await runAt(server, ({ books: client }) => client.returnBooks(messages));
  expect(run).toEqual({ count: 1 });
  await vi.waitFor(() => expect(seen.isEnded).toBe(true), LONG_WAIT);
});

test('an error before the last message ends the iteration, and is thrown', async () => {
  const ReturnBooks: Upload = (call, reply) =>
    call.once('data', () => reply({ code: status.INVALID_ARGUMENT, details: 'no such book' }));
  await using server = await libraryServer({ ReturnBooks });
  const { seen, messages } = endless();
  const thrown: unknown[] = [];
  const { codes } = await runAt(server, async ({ books: client }) => {
    try {
      return await client.returnBooks(messages);
    } catch (error) {
      thrown.push(error);
      throw error;
    }
  });
  expect(codes).toEqual(['BAD_USER_INPUT']);
  expect(thrown[0]).toBeInstanceOf(UpstreamError);
  await vi.waitFor(() => expect(seen.isEnded).toBe(true), LONG_WAIT);
});

test.each([
  ['OK', (call: ServerDuplexStream<Chat, Chat>) => call.end(), []],
  [
    'an error',
    (call: ServerDuplexStream<Chat, Chat>) => call.emit('error', { code: status.UNAVAILABLE, details: 'gone' }),
    ['SERVICE_UNAVAILABLE'],
  ],
])('a bidirectional call that the server ends early with %s ends the iteration', async (_how, end, expected) => {
  const Chat: Duplex = (call) => {
    call.on('error', () => {});
    call.once('data', () => {
      call.write({ text: 'last' });
      end(call);
    });
    call.resume();
  };
  await using server = await libraryServer({ Chat });
  const { seen, messages } = endless();
  const received: string[] = [];
  const { codes } = await runAt(server, async ({ books: client }) => {
    for await (const { text } of client.chat(messages)) received.push(text);
    return received;
  });
  expect({ codes, received }).toEqual({ codes: expected, received: ['last'] });
  await vi.waitFor(() => expect(seen.isEnded).toBe(true), LONG_WAIT);
});

test('leaving the loop of a bidirectional call cancels it at the server, and ends the iteration', async () => {
  let cancelled = 0;
  const Chat: Duplex = (call) => {
    call.on('error', () => {});
    call.once('cancelled', () => {
      cancelled += 1;
    });
    call.on('data', () => call.write({ text: 'more' }));
  };
  await using server = await libraryServer({ Chat });
  const { seen, messages } = endless();
  const { run } = await runAt(server, async ({ books: client }) => {
    for await (const { text } of client.chat(messages)) return text;
    return null;
  });
  expect(run).toBe('more');
  await vi.waitFor(
    () => expect({ cancelled, isEnded: seen.isEnded }).toEqual({ cancelled: 1, isEnded: true }),
    LONG_WAIT,
  );
});

test.each(['returnBooks', 'chat'] as const)(
  'an error of the iterable cancels %s at the server, and is thrown unchanged',
  async (method) => {
    let cancelled = 0;
    const count = (call: { once(event: 'cancelled', listener: () => void): unknown; resume(): unknown }) => {
      call.once('cancelled', () => {
        cancelled += 1;
      });
      call.resume();
    };
    await using server = await libraryServer({ ReturnBooks: count as Upload, Chat: count as Duplex });
    const mine = new Error('the file is broken');
    const thrown: unknown[] = [];
    const failing = async function* () {
      yield { name: 'a', text: 'a' };
      throw mine;
    };
    const { codes } = await runAt(server, async ({ books: client }) => {
      try {
        if (method === 'returnBooks') return await client.returnBooks(failing());
        for await (const { text } of client.chat(failing())) return text;
        return null;
      } catch (error) {
        thrown.push(error);
        throw error;
      }
    });
    expect(codes).toEqual(['INTERNAL_SERVER_ERROR']);
    expect(thrown).toEqual([mine]);
    expect(thrown[0]).toBe(mine);
    await vi.waitFor(() => expect(cancelled).toBe(1), LONG_WAIT);
  },
);

test('a message that does not fit its type is BAD_USER_INPUT', async () => {
  await using server = await libraryServer({ ReturnBooks: countAll });
  const { codes } = await runAt(server, ({ books: client }) => client.returnBooks([{ name: 'a' }, { name: 5 }]));
  expect(codes).toEqual(['BAD_USER_INPUT']);
});

const MESSAGE_BYTES = 65_536;

test('a server that never reads stops the iteration after its flow-control window, until the deadline', async () => {
  // Without a listener for data, grpc-js reads no message.
  const Chat: Duplex = (call) => call.on('error', () => {});
  await using server = await libraryServer({ Chat });
  const { seen, messages } = endless(MESSAGE_BYTES);
  const { codes } = await runAt(
    server,
    async ({ books: client }) => {
      for await (const { text } of client.chat(messages)) return text;
      return null;
    },
    { REQUEST_TIMEOUT_MS: '1000' },
  );
  expect(codes).toEqual(['TIMEOUT']);
  await vi.waitFor(() => expect(seen.isEnded).toBe(true), LONG_WAIT);
  // An unbounded iteration takes thousands in a second.
  expect(seen.taken * MESSAGE_BYTES).toBeLessThan(4 * 1_048_576);
});

test('a call is retried at another endpoint as long as no message was taken, and not afterwards', async () => {
  let refused = 0;
  const ReturnBooks: Upload = (_call, reply) => {
    refused += 1;
    reply({ code: status.UNAVAILABLE, details: 'restarting' });
  };
  await using refusing = await libraryServer({ ReturnBooks });
  await using counting = await libraryServer({ ReturnBooks: countAll });
  const dead = await freePort();
  const upload = ({ books: client }: Clients) => client.returnBooks(books(3).messages);
  {
    await using gateway = await gatewayTo([dead, counting.port], upload);
    expect((await gateway.query('{ run }')).data).toEqual({ run: { count: 3 } });
  }
  await using gateway = await gatewayTo([refusing.port, counting.port], upload);
  const { errors } = await gateway.query('{ run }');
  expect(errors.map(({ extensions }: { extensions: { code: string } }) => extensions.code)).toEqual([
    'SERVICE_UNAVAILABLE',
  ]);
  expect(refused).toBe(1);
});

test('a value that cannot be iterated is rejected before anything is sent', async () => {
  let calls = 0;
  await using server = await libraryServer({
    ReturnBooks: () => {
      calls += 1;
    },
  });
  const { codes } = await runAt(server, ({ books: client }) => client.returnBooks({ name: 'a' }));
  expect({ codes, calls }).toEqual({ codes: ['INTERNAL_SERVER_ERROR'], calls: 0 });
});
