import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { portOf } from '../processes/ports.ts';

/** A REST backend on a free port. A test writes its answers byte by byte. */
export interface RawBackend extends AsyncDisposable {
  /** No trailing slash. */
  readonly url: string;
}

export const rawBackend = async (
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<RawBackend> => {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};

/** Answers every request with this JSON. */
export const answerJson =
  (text: string) =>
  (_request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(text);
  };
