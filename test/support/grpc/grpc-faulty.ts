import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import { frame } from '../../../src/upstream/grpc/frame.ts';

/** Behaviour of a faulty server for one call. */
export type Misdeed =
  | {
      readonly is: 'answer';
      readonly http: number;
      readonly contentType: string;
      /** `alone`: one header block is the whole answer. `unnamed`: trailers without a status. `none`: no trailers. */
      readonly trailers: 'last' | 'alone' | 'unnamed' | 'none';
      readonly status: string;
      readonly body: 'one' | 'none' | 'two' | 'cut' | 'garbage' | 'compressed' | 'large' | 'pieces';
    }
  | { readonly is: 'reset'; readonly code: number; readonly after: 'nothing' | 'headers' | 'message' }
  | { readonly is: 'goaway'; readonly code: number }
  | { readonly is: 'loss'; readonly after: 'nothing' | 'headers' | 'message' }
  /** No answer, as long as the caller waits. */
  | { readonly is: 'silence'; readonly after: 'nothing' | 'headers' | 'message' };

const AFTER = ['nothing', 'headers', 'message'] as const;
const BODIES = ['one', 'one', 'one', 'none', 'two', 'cut', 'garbage', 'compressed', 'large', 'pieces'] as const;
const TRAILERS = ['last', 'last', 'last', 'alone', 'unnamed', 'none'] as const;
const STATUSES = ['0', '0', '0', ...Array.from({ length: 17 }, (_, code) => String(code)), '17', '99', '-1', 'OK', ''];
const HTTP = [200, 200, 200, 200, 200, 200, 302, 400, 401, 403, 404, 418, 429, 500, 502, 503, 504];
const TYPES = [
  ...Array.from({ length: 9 }, (_, at) => (at % 2 === 0 ? 'application/grpc' : 'application/grpc+proto')),
  'text/html',
];

export const randomMisdeed = (random: () => number): Misdeed => {
  const one = <Item>(items: readonly [Item, ...Item[]] | readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  };
  switch (one(['answer', 'answer', 'answer', 'answer', 'reset', 'reset', 'goaway', 'loss', 'silence'] as const)) {
    case 'answer':
      return {
        is: 'answer',
        http: one(HTTP),
        contentType: one(TYPES),
        trailers: one(TRAILERS),
        status: one(STATUSES),
        body: one(BODIES),
      };
    case 'reset':
      return { is: 'reset', code: Math.floor(random() * 15), after: one(AFTER) };
    case 'goaway':
      return { is: 'goaway', code: one([0, 0, 2, 11]) };
    case 'loss':
      return { is: 'loss', after: one(AFTER) };
    case 'silence':
      return { is: 'silence', after: one(AFTER) };
  }
};

/** Bytes that clients must decode. */
export const MESSAGE = Buffer.from('a message');
/** Maximum size of a message that clients must accept. */
export const MAX_BYTES = 1_000;

const GARBAGE = Buffer.from('no message');
const HEAD = { ':status': 200, 'content-type': 'application/grpc' };

const piecesOf = (body: Extract<Misdeed, { is: 'answer' }>['body']): readonly Uint8Array[] => {
  const message = frame(MESSAGE);
  switch (body) {
    case 'one':
      return [message];
    case 'none':
      return [];
    case 'two':
      return [message, message];
    case 'cut':
      return [message.subarray(0, 8)];
    case 'garbage':
      return [frame(GARBAGE)];
    case 'compressed':
      return [frame(MESSAGE, true)];
    case 'large':
      return [frame(Buffer.alloc(MAX_BYTES + 1))];
    case 'pieces':
      return Array.from(message, (byte) => Buffer.from([byte]));
  }
};

const begin = (stream: ServerHttp2Stream, after: (typeof AFTER)[number], then: () => void): void => {
  if (after === 'nothing') {
    then();
    return;
  }
  // Announces trailers that never arrive, because the end of the data must not end the stream.
  stream.respond(HEAD, { waitForTrailers: true });
  // An empty write is not sent, and a waiting client would not receive the headers.
  stream.write(after === 'message' ? frame(MESSAGE) : Buffer.from([0]), () => setImmediate(then));
};

const answer = (stream: ServerHttp2Stream, misdeed: Extract<Misdeed, { is: 'answer' }>): void => {
  const { http, contentType, trailers, status, body } = misdeed;
  const head: OutgoingHttpHeaders = { ':status': http, 'content-type': contentType };
  const named = { 'grpc-status': status, 'grpc-message': 'as configured' };
  if (trailers === 'alone') {
    stream.respond({ ...head, ...named }, { endStream: true });
    return;
  }
  stream.respond(head, { waitForTrailers: trailers !== 'none' });
  stream.once('wantTrailers', () => stream.sendTrailers(trailers === 'last' ? named : { 'x-any': '1' }));
  for (const piece of piecesOf(body)) stream.write(piece);
  stream.end();
};

/** Sends GOAWAY as if this stream had arrived too late. For the first stream of a connection, Node only refuses it. */
const leaveOut = (stream: ServerHttp2Stream, code: number): void => {
  // Node takes 0 for the last stream that exists.
  if (stream.id === undefined || stream.id < 3) stream.close(constants.NGHTTP2_REFUSED_STREAM);
  else stream.session?.goaway(code, stream.id - 2);
};

/** A call without a fault. */
export const WELL: Misdeed = {
  is: 'answer',
  http: 200,
  contentType: 'application/grpc',
  trailers: 'last',
  status: '0',
  body: 'one',
};

/** Applies the fault to this stream. */
export const commit = (misdeed: Misdeed, stream: ServerHttp2Stream): void => {
  const { session } = stream;
  switch (misdeed.is) {
    case 'answer':
      answer(stream, misdeed);
      break;
    case 'reset':
      begin(stream, misdeed.after, () => stream.close(misdeed.code));
      break;
    case 'goaway':
      leaveOut(stream, misdeed.code);
      break;
    case 'loss':
      begin(stream, misdeed.after, () => session?.socket.destroy());
      break;
    case 'silence':
      begin(stream, misdeed.after, () => {});
      break;
    default:
      misdeed satisfies never;
  }
};
