import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * A line that is not a header and ends with an RTSP version. JSON has no such line: its strings contain no line ends.
 */
const RTSP_LINE = /(?:^|\n)(?![\w-]+:)[^\n]* RTSP\/\d\.\d\r?\n/;
const RTSP = 'RTSP/';
// Keeps the end of a request line that arrives in pieces.
const TAIL_LENGTH = 64;

/**
 * Detects connections that speak RTSP. Node's parser accepts its GET, POST and OPTIONS and reports them like those of
 * HTTP, so that only the bytes show the protocol. Call it before the server listens.
 *
 * @returns a function that is true for a request on such a connection
 */
export const watchProtocols = (server: Server): ((request: IncomingMessage) => boolean) => {
  const others = new WeakSet<Socket>();
  server.on('connection', (socket: Socket) => {
    let tail = '';
    // Runs before Node's own listener, which parses the bytes.
    socket.prependListener('data', (chunk: Buffer) => {
      const isThere = chunk.includes(RTSP) || (tail + chunk.toString('latin1', 0, RTSP.length)).includes(RTSP);
      if (isThere && RTSP_LINE.test(tail + chunk.toString('latin1'))) others.add(socket);
      tail = (tail + chunk.toString('latin1', Math.max(0, chunk.length - TAIL_LENGTH))).slice(-TAIL_LENGTH);
    });
  });
  // SOURCE is a method of Icecast only.
  return ({ method, socket }) => method === 'SOURCE' || others.has(socket);
};
