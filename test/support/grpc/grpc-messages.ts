import type { Answer } from '../../../src/upstream/call.ts';

const isStream = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

/** The messages of a streamed answer. */
export const messagesOf = ({ value }: Answer): AsyncIterator<unknown> => {
  if (isStream(value)) return value[Symbol.asyncIterator]();
  throw new Error('the answer is not a stream');
};

/** Resolves with all messages; rejects with the stream's failure. */
export const collected = async ({ value }: Answer): Promise<readonly unknown[]> => {
  if (!isStream(value)) throw new Error('the answer is not a stream');
  const all: unknown[] = [];
  for await (const message of value) all.push(message);
  return all;
};
