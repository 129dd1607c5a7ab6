import { constants, createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import protobuf from 'protobufjs';
import type { Behaviour } from './behaviour.ts';
import { type Conduct, textOf } from './conduct.ts';
import { THINGS_PROTO } from './grpc.ts';
import { gzipBomb, LARGE_BYTES } from './huge.ts';

const HEAD = { ':status': 200, 'content-type': 'application/grpc' };
const OK = { 'grpc-status': '0' };

const prefix = (length: number, compressed = false): Buffer => {
  const bytes = Buffer.alloc(5);
  bytes[0] = compressed ? 1 : 0;
  bytes.writeUInt32BE(length, 1);
  return bytes;
};

const finish = (stream: ServerHttp2Stream, bytes: Buffer, head = {}): void => {
  stream.respond({ ...HEAD, ...head }, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers(OK));
  stream.end(bytes);
};

const PIECE = Buffer.alloc(65_536, 'x');

const pour = (stream: ServerHttp2Stream, first: Buffer): void => {
  stream.respond(HEAD);
  stream.write(first);
  const more = () => {
    while (!stream.destroyed && stream.write(PIECE));
    if (!stream.destroyed) stream.once('drain', more);
  };
  more();
};

const trickle = (stream: ServerHttp2Stream, bytes: Buffer): void => {
  stream.respond(HEAD, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers(OK));
  const next = (at: number): void => {
    if (stream.destroyed) return;
    if (at >= bytes.length) {
      stream.end();
      return;
    }
    stream.write(bytes.subarray(at, at + 64));
    setTimeout(next, 200, at + 64);
  };
  next(0);
};

/** An answer of this shape. `message` is the complete message. */
const answer = (stream: ServerHttp2Stream, message: Buffer, shape: Conduct['shape']): void => {
  const half = message.subarray(0, message.length / 2);
  switch (shape) {
    case 'trickle':
      trickle(stream, Buffer.concat([prefix(message.length), message]));
      return;
    case 'whole':
      finish(stream, Buffer.concat([prefix(message.length), message]));
      return;
    case 'reset':
      stream.respond(HEAD);
      stream.write(Buffer.concat([prefix(message.length), half]), () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
      return;
    case 'truncated':
      finish(stream, Buffer.concat([prefix(message.length), half]));
      return;
    case 'wrong-length':
      finish(stream, Buffer.concat([prefix(half.length), message]));
      return;
    case 'unfinished':
      stream.respond(HEAD);
      stream.end(Buffer.concat([prefix(message.length), message]));
      return;
    case 'garbage':
      finish(stream, Buffer.concat([prefix(message.length), message.map((byte) => byte ^ 0xa5)]));
      return;
    case 'bomb':
      finish(stream, Buffer.concat([prefix(gzipBomb().length, true), gzipBomb()]), { 'grpc-encoding': 'gzip' });
      return;
    case 'large':
      pour(stream, prefix(LARGE_BYTES));
      return;
    case 'endless':
      pour(stream, prefix(0xffff_ffff));
      return;
    default:
      shape satisfies never;
  }
};

const idIn = (type: protobuf.Type, framed: Buffer): string => {
  const decoded: unknown = type.decode(framed.subarray(5)).toJSON();
  return typeof decoded === 'object' && decoded !== null && 'id' in decoded ? String(decoded.id) : '';
};

/** The same service by hand, for answers that no gRPC library sends. */
export const rawGrpcServer = (behaviour: Behaviour): Http2Server => {
  const root = protobuf.loadSync(THINGS_PROTO);
  const types = (name: string) => root.lookupType(`faults.v1.${name}`);
  const server = createServer();
  server.on('session', () => behaviour.connected());
  server.on('sessionError', () => {});
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const isRead = headers[':path'] === '/faults.v1.Things/Read';
    const pieces: Buffer[] = [];
    stream.on('error', () => {});
    stream.on('data', (piece: Buffer) => pieces.push(piece));
    stream.once('end', () => {
      const id = idIn(types(isRead ? 'ReadRequest' : 'WriteRequest'), Buffer.concat(pieces));
      if (isRead) behaviour.read(id, null);
      else behaviour.write(id);
      const value = isRead ? { id, text: textOf(id) } : { id };
      const message = types(isRead ? 'Thing' : 'Receipt')
        .encode(value)
        .finish();
      if (!stream.destroyed) answer(stream, Buffer.from(message), behaviour.conduct.shape);
    });
  });
  return server;
};
