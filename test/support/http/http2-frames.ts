import type { TLSSocket } from 'node:tls';
import { secureSocket } from './tls-rig.ts';

/** Types of frames (RFC 9113, 6). */
export const FRAME = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

export const END_STREAM = 1;
export const END_HEADERS = 4;

/** Bytes of a frame. */
export const frame = (type: number, flags: number, stream: number, payload: Buffer | string = ''): Buffer => {
  const body = Buffer.from(payload);
  const head = Buffer.alloc(9);
  head.writeUIntBE(body.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, body]);
};

/** A number with a prefix of 7 bits (RFC 7541, 5.1). */
const integer = (value: number): Buffer => {
  if (value < 127) return Buffer.from([value]);
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
};

const text = (value: string): Buffer =>
  Buffer.concat([integer(Buffer.byteLength(value)), Buffer.from(value, 'latin1')]);

/** A block of headers, each as literals without compression and without an entry in the table. */
export const headerBlock = (headers: readonly (readonly [name: string, value: string])[]): Buffer =>
  Buffer.concat(headers.map(([name, value]) => Buffer.concat([Buffer.from([0]), text(name), text(value)])));

export const REQUEST: readonly (readonly [string, string])[] = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'localhost'],
  [':path', '/livez'],
];

/** A connection of HTTP/2 with frames that the test writes. */
export interface FrameConnection {
  readonly socket: TLSSocket;
  send(...frames: readonly Buffer[]): void;
  /** Frames received so far: type, flags, stream and payload. */
  received(): readonly { readonly type: number; readonly stream: number; readonly payload: Buffer }[];
  closed(): Promise<void>;
}

/** First bytes of a client (RFC 9113, 3.4). */
export const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/** Opens a connection of HTTP/2, and sends the preface with empty settings. */
export const frameConnection = async (port: number): Promise<FrameConnection> => {
  const socket = await secureSocket(port, { ALPNProtocols: ['h2'] });
  let bytes = Buffer.alloc(0);
  const end = Promise.withResolvers<void>();
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
  });
  socket.on('close', () => end.resolve());
  socket.write(Buffer.concat([Buffer.from(PREFACE), frame(FRAME.SETTINGS, 0, 0)]));
  return {
    socket,
    send: (...frames) => {
      if (socket.writable) socket.write(Buffer.concat(frames));
    },
    received: () => {
      const frames: { type: number; stream: number; payload: Buffer }[] = [];
      for (let at = 0; at + 9 <= bytes.length; ) {
        const length = bytes.readUIntBE(at, 3);
        if (at + 9 + length > bytes.length) break;
        const payload = bytes.subarray(at + 9, at + 9 + length);
        frames.push({ type: bytes.readUInt8(at + 3), stream: bytes.readUInt32BE(at + 5), payload });
        at += 9 + length;
      }
      return frames;
    },
    closed: () => end.promise,
  };
};
