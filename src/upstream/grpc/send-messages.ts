import type { ClientHttp2Stream } from 'node:http2';
import type { OutgoingMessages } from '../call.ts';
import { framedRequest } from './framed-request.ts';

const isOver = (stream: ClientHttp2Stream): boolean => stream.closed || stream.destroyed;

/** Resolves when the stream accepts more bytes, or has closed. */
const drained = (stream: ClientHttp2Stream): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });

/**
 * Sends the messages of a client-streaming call one by one, then ends the client's half of the stream. A message is
 * requested when the stream accepts bytes: at most Node's buffer of a stream (16 KiB) and one message wait in memory.
 * The messages are stopped when the stream closes. `fail` receives the error of the messages.
 */
export const sendMessages = (
  stream: ClientHttp2Stream,
  messages: OutgoingMessages,
  compressible: boolean,
  fail: (error: unknown) => void,
): void => {
  stream.once('close', () => messages.stop());
  const run = async () => {
    while (!isOver(stream)) {
      const message = await messages.next();
      if (isOver(stream)) return;
      if (message === null) {
        stream.end();
        return;
      }
      const framed = await framedRequest(message, compressible);
      if (!isOver(stream) && !stream.write(framed)) await drained(stream);
    }
  };
  run().catch(fail);
};
