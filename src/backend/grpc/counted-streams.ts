import { GatewayError } from '../../core/errors.ts';
import { countHeld, countParsed } from '../../request/parsed-memory.ts';
import type { RequestMemory } from '../../request/request-context.ts';
import type { Call, GrpcMessage, OutgoingMessages, Send } from '../../upstream/call.ts';
import { RequestStreamError } from '../../upstream/errors.ts';

/** Messages that are sent are held one at a time: the account has the largest so far. */
const countedOutgoing = (name: string, outgoing: OutgoingMessages, memory: RequestMemory): OutgoingMessages => {
  let largest = 0;
  return {
    get isTaken() {
      return outgoing.isTaken;
    },
    next: async () => {
      const bytes = await outgoing.next();
      if (bytes === null || bytes.length <= largest) return bytes;
      try {
        countHeld(memory, bytes.length - largest);
      } catch (error) {
        outgoing.stop();
        throw new RequestStreamError(name, error);
      }
      largest = bytes.length;
      return bytes;
    },
    stop: () => outgoing.stop(),
  };
};

const isMessages = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

/** Throws `refusal()` from the loop over the messages once it returns an error. */
const endedBy = (messages: AsyncIterable<unknown>, refusal: () => unknown): AsyncIterable<unknown> => ({
  [Symbol.asyncIterator]: () => {
    const own = messages[Symbol.asyncIterator]();
    return {
      next: async () => {
        const result = await own.next();
        const error = refusal();
        if (error === null) return result;
        await own.return?.();
        throw error;
      },
      return: async () => (await own.return?.()) ?? { done: true, value: undefined },
    };
  },
});

/**
 * Sends a call that streams, and adds its messages to the request's memory account: of those that are sent the largest,
 * of those that are received all, because the module may keep them. Without room, the stream ends with OVERLOADED.
 */
export const sendCounted = async (
  send: Send,
  call: Call,
  message: GrpcMessage,
  memory: RequestMemory,
): ReturnType<Send> => {
  let refusal: GatewayError | null = null;
  const outgoing = message.outgoing && countedOutgoing(`${call.upstream}: ${call.route}`, message.outgoing, memory);
  const decode = (bytes: Uint8Array): unknown => {
    try {
      countParsed(memory, bytes.length);
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      refusal = error; // thrown from the loop: here it would be an invalid message of the backend
    }
    return message.decode(bytes);
  };
  const answer = await send({ ...call, message: { ...message, outgoing, decode } });
  if (!isMessages(answer.value)) {
    if (refusal !== null) throw refusal;
    return answer;
  }
  return { ...answer, value: endedBy(answer.value, () => refusal) };
};
