import type { OutgoingMessages } from '../../upstream/call.ts';
import { RequestStreamError } from '../../upstream/errors.ts';

/** The messages of a request that a client streams. */
export type MessageSequence<Message> = AsyncIterable<Message> | Iterable<Message>;

const isSequence = (value: unknown): value is MessageSequence<unknown> =>
  typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value);

const iteratorOf = (messages: MessageSequence<unknown>): AsyncIterator<unknown> | Iterator<unknown> =>
  Symbol.asyncIterator in messages ? messages[Symbol.asyncIterator]() : messages[Symbol.iterator]();

/**
 * Returns the outgoing messages of one call. The iteration begins with the first message that the transport takes, and
 * happens once.
 *
 * @throws TypeError, with `name`, for a value that cannot be iterated.
 */
export const outgoingStream = (
  name: string,
  messages: unknown,
  encode: (message: unknown) => Uint8Array,
): OutgoingMessages => {
  if (!isSequence(messages)) throw new TypeError(`${name}: expected an AsyncIterable of messages`);
  let iterator: ReturnType<typeof iteratorOf> | null = null;
  let isOver = false;
  return {
    get isTaken() {
      return iterator !== null;
    },
    next: async () => {
      if (isOver) return null;
      try {
        iterator ??= iteratorOf(messages);
        const { done, value } = await iterator.next();
        if (done !== true) return encode(value);
        isOver = true;
        return null;
      } catch (error) {
        throw new RequestStreamError(name, error);
      }
    },
    stop: () => {
      if (isOver) return;
      isOver = true;
      // The call has ended, whatever the iterator's own end does.
      const ended = async () => iterator?.return?.();
      ended().catch(() => {});
    },
  };
};

/** Returns the error that the messages of a request threw; any other error unchanged. */
export const withoutWrapper = (error: unknown): unknown => (error instanceof RequestStreamError ? error.cause : error);
