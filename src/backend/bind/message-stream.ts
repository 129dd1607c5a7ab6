import { type Answer, type Call, type Fork, fork, type Send } from '../../upstream/call.ts';
import { withoutWrapper } from '../grpc/outgoing-stream.ts';

/** Abort reason: the module left the loop. Not a failure of the endpoint. */
class ReaderLeftError extends Error {
  override readonly name = 'ReaderLeftError';
}

const DONE: IteratorResult<unknown> = { done: true, value: undefined };

const isMessages = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

const messagesOf = (call: Call, { value }: Answer): AsyncIterator<unknown> => {
  if (isMessages(value)) return value[Symbol.asyncIterator]();
  throw new Error(`${call.upstream}: ${call.route}: the answer is not a stream`);
};

interface Opened extends Pick<Fork, 'abort'> {
  readonly messages: Promise<AsyncIterator<unknown>>;
}

const open = (call: Call, send: Send): Opened => {
  const { call: own, abort, release } = fork(call);
  const opening = async () => {
    let ended: Promise<void> | undefined;
    try {
      const answer = await send(own);
      ended = answer.ended;
      return messagesOf(call, answer);
    } finally {
      if (ended === undefined) release();
      else void ended.then(release);
    }
  };
  return { abort, messages: opening() };
};

// Not an async generator: its `return` would wait for the pending message.
const reader = (makeCall: () => Call, send: Send): AsyncIterator<unknown> => {
  let opened: Opened | null = null;
  let isOver = false;
  return {
    next: async () => {
      if (isOver) return DONE;
      try {
        opened ??= open(makeCall(), send);
        const messages = await opened.messages;
        return isOver ? DONE : await messages.next();
      } catch (error) {
        if (isOver) return DONE;
        isOver = true;
        throw withoutWrapper(error);
      }
    },
    return: async () => {
      isOver = true;
      opened?.abort(new ReaderLeftError('the module stopped reading the stream'));
      return DONE;
    },
  };
};

/**
 * The messages of one streaming call. The call is sent when the first message is requested, and aborted when the loop
 * is left, even before the answer. Errors are thrown from the loop.
 *
 * @throws Error on a second iteration, with `name`: one call is one stream.
 */
export const messageStream = (name: string, makeCall: () => Call, send: Send): AsyncIterable<unknown> => {
  let isTaken = false;
  return {
    [Symbol.asyncIterator]: () => {
      if (isTaken) throw new Error(`${name}: a stream can be read only once. Call the method again.`);
      isTaken = true;
      return reader(makeCall, send);
    },
  };
};
