import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';

/** One HTTP response, parsed from the bytes on the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const parseOne = (text: string): { answer: RawAnswer; rest: string } | null => {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const length = Number(headers['content-length'] ?? 0);
  const from = end + 4;
  if (text.length < from + length) return null;
  const answer = { status: Number(statusLine.split(' ')[1]), headers, body: text.slice(from, from + length) };
  return { answer, rest: text.slice(from + length) };
};

/** Returns every complete response in the received text. Counts characters, so that bodies must be ASCII. */
export const parseAnswers = (text: string): readonly RawAnswer[] => {
  const answers: RawAnswer[] = [];
  for (let next = parseOne(text); next; next = parseOne(next.rest)) answers.push(next.answer);
  return answers;
};

export interface RawConnection {
  readonly socket: Socket;
  send(bytes: string | Buffer): void;
  received(): string;
  /** Resolves with the responses as soon as `count` have arrived, or the connection is closed. */
  answers(count: number): Promise<readonly RawAnswer[]>;
  closed(): Promise<void>;
}

/** Opens a plain TCP connection to a listener on this machine. */
export const rawConnection = async (port: number): Promise<RawConnection> => {
  const socket = connect({ port, host: '127.0.0.1' });
  const connection = connectionOver(socket);
  await once(socket, 'connect');
  return connection;
};

/** A connection over a socket, which may be one of TLS. */
export const connectionOver = (socket: Socket): RawConnection => {
  let text = '';
  const end = Promise.withResolvers<void>();
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  // A reset after the response is a valid way to close.
  socket.on('error', () => {});
  socket.on('close', () => end.resolve());
  const answers = async (count: number): Promise<readonly RawAnswer[]> => {
    for (;;) {
      const found = parseAnswers(text);
      if (found.length >= count || socket.destroyed) return found;
      await Promise.race([once(socket, 'data'), end.promise]);
    }
  };
  return {
    socket,
    send: (bytes) => void socket.write(bytes),
    received: () => text,
    answers,
    closed: () => end.promise,
  };
};

/**
 * Sends bytes on a new connection. @returns the first response, and whether the server closed the connection after it.
 */
export const exchange = async (
  port: number,
  bytes: string | Buffer,
): Promise<{ answer: RawAnswer | undefined; closes: boolean }> => {
  const connection = await rawConnection(port);
  connection.send(bytes);
  const [answer] = await connection.answers(1);
  const closes = answer?.headers.connection === 'close' || connection.socket.destroyed;
  if (closes) await connection.closed();
  connection.socket.destroy();
  return { answer, closes };
};

/** Returns the bytes of a POST to /graphql. */
export const post = (body: string, headers: Readonly<Record<string, string>> = {}): string => {
  const all = {
    host: 'gateway.test',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `POST /graphql HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
};

/** Returns the bytes of a request without a body. */
export const bodiless = (method: string, target: string, headers: Readonly<Record<string, string>> = {}): string => {
  const lines = Object.entries({ host: 'gateway.test', ...headers }).map(([name, value]) => `${name}: ${value}`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
};

/** Posts an operation. @returns the response with its body as sent, before any decompression. */
export const undecoded = async (
  port: number,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly headers: IncomingHttpHeaders; readonly payload: Buffer }> => {
  const sent = request({
    port,
    path: '/graphql',
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close', ...headers },
  });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { headers: response.headers, payload: Buffer.concat(await response.toArray()) };
};
