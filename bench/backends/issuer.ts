import { createServer } from 'node:http';

/** Serves the keys that verify bearer tokens, at every path. Resolves with its port. */
export const serveKeys = (keys: string): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer((_request, answer) => {
      answer.setHeader('content-type', 'application/json');
      answer.end(keys);
    }).listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : 0);
    });
  });
