import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';

/** One frame of a WebSocket. */
export interface Frame {
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly payload: Buffer;
}

/** Encodes a frame. Those of clients are masked. */
export const frame = (payload: Buffer | string, { opcode = 2, isFinal = true, isMasked = true } = {}): Buffer => {
  const bytes = Buffer.from(payload);
  const { length } = bytes;
  const short = length < 126 ? length : length < 65_536 ? 126 : 127;
  const header = Buffer.from([(isFinal ? 0x80 : 0) | opcode, (isMasked ? 0x80 : 0) | short]);
  const long = Buffer.alloc(short === 126 ? 2 : short === 127 ? 8 : 0);
  if (short === 126) long.writeUInt16BE(length);
  if (short === 127) long.writeBigUInt64BE(BigInt(length));
  if (!isMasked) return Buffer.concat([header, long, bytes]);
  const mask = randomBytes(4);
  const masked = Buffer.from(bytes);
  for (let at = 0; at < length; at += 1) masked[at] = (masked[at] ?? 0) ^ (mask[at % 4] ?? 0);
  return Buffer.concat([header, long, mask, masked]);
};

/** Decodes the complete frames of received bytes. */
export const framesIn = (bytes: Buffer): { readonly frames: readonly Frame[]; readonly rest: Buffer } => {
  const frames: Frame[] = [];
  let at = 0;
  for (;;) {
    if (bytes.length - at < 2) break;
    const [first = 0, second = 0] = [bytes[at], bytes[at + 1]];
    let start = at + 2;
    let length = second & 0x7f;
    if (length === 126) {
      if (bytes.length < start + 2) break;
      length = bytes.readUInt16BE(start);
      start += 2;
    } else if (length === 127) {
      if (bytes.length < start + 8) break;
      length = Number(bytes.readBigUInt64BE(start));
      start += 8;
    }
    const isMasked = (second & 0x80) !== 0;
    const mask = bytes.subarray(start, start + (isMasked ? 4 : 0));
    start += mask.length;
    if (bytes.length < start + length) break;
    const payload = Buffer.from(bytes.subarray(start, start + length));
    if (isMasked) for (let n = 0; n < length; n += 1) payload[n] = (payload[n] ?? 0) ^ (mask[n % 4] ?? 0);
    frames.push({ opcode: first & 0x0f, isFinal: (first & 0x80) !== 0, payload });
    at = start + length;
  }
  return { frames, rest: bytes.subarray(at) };
};

/** A backend that speaks WebSocket: echoes every frame, and answers a close frame with one. */
export interface EchoBackend extends AsyncDisposable {
  readonly url: string;
  readonly server: Server;
  readonly sockets: Set<Socket>;
  readonly handshakes: IncomingMessage[];
  /** Bytes of frames that were received. */
  received(): number;
}

export const acceptKey = (key = ''): string =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');

export const echoBackend = async (
  headers: (request: IncomingMessage) => readonly string[] = () => [],
): Promise<EchoBackend> => {
  const sockets = new Set<Socket>();
  const handshakes: IncomingMessage[] = [];
  let received = 0;
  const server = createServer((_request, response) => void response.writeHead(404).end());
  server.on('upgrade', (request, socket: Socket) => {
    handshakes.push(request);
    sockets.add(socket);
    socket
      .on('close', () => sockets.delete(socket))
      .on('end', () => socket.end())
      .on('error', () => {});
    const accept = `sec-websocket-accept: ${acceptKey(request.headers['sec-websocket-key'])}`;
    const lines = ['upgrade: websocket', 'connection: Upgrade', accept, ...headers(request)];
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
    let rest = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
      const read = framesIn(Buffer.concat([rest, chunk]));
      rest = Buffer.from(read.rest);
      for (const { opcode, isFinal, payload } of read.frames) {
        socket.write(frame(payload, { opcode, isFinal, isMasked: false }));
        if (opcode === 8) socket.end();
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    server,
    sockets,
    handshakes,
    received: () => received,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
};

/** A client that sends frames as bytes. */
export interface RawWebSocket {
  readonly socket: Socket;
  /** Status line and headers of the answer. */
  readonly head: string;
  /** Resolves with the frames once there are `count`, or the connection has ended. */
  frames(count: number): Promise<readonly Frame[]>;
  /** Resolves with all frames once the connection has ended. */
  ended(): Promise<readonly Frame[]>;
}

export const HANDSHAKE = ['connection: Upgrade', 'upgrade: websocket', 'sec-websocket-version: 13'];

export const openWebSocket = async (
  port: number,
  path: string,
  headers: readonly string[] = [],
): Promise<RawWebSocket> => {
  const socket = connect({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  return webSocketOver(socket, path, headers);
};

/** Opens a WebSocket over a socket, which may be one of TLS. */
export const webSocketOver = async (
  socket: Socket,
  path: string,
  headers: readonly string[] = [],
): Promise<RawWebSocket> => {
  let bytes = Buffer.alloc(0);
  const end = once(socket, 'close');
  socket
    .on('error', () => {})
    .on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
    });
  const key = `sec-websocket-key: ${randomBytes(16).toString('base64')}`;
  socket.write(`GET ${path} HTTP/1.1\r\nhost: gateway.test\r\n${[...HANDSHAKE, key, ...headers].join('\r\n')}\r\n\r\n`);
  const more = () => Promise.race([once(socket, 'data'), end]);
  while (!bytes.includes('\r\n\r\n') && !socket.destroyed) await more();
  const at = bytes.indexOf('\r\n\r\n');
  const head = bytes.subarray(0, at).toString('latin1');
  const now = () => framesIn(bytes.subarray(at + 4)).frames;
  return {
    socket,
    head,
    frames: async (count) => {
      while (now().length < count && !socket.destroyed) await more();
      return now();
    },
    ended: async () => {
      if (!socket.destroyed) await end;
      return now();
    },
  };
};

/** Code and reason of a close frame. */
export const closeOf = (frames: readonly Frame[]): { readonly code: number; readonly reason: string } | null => {
  const last = frames.find(({ opcode }) => opcode === 8);
  if (last === undefined) return null;
  return {
    code: last.payload.length < 2 ? 1005 : last.payload.readUInt16BE(0),
    reason: String(last.payload.subarray(2)),
  };
};
