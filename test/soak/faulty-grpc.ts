import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { delayMs, drawn, type Fates } from './fate.ts';
import type { Held } from './held.ts';

const HEAD = { ':status': 200, 'content-type': 'application/grpc' };
const OK = { 'grpc-status': '0' };
/** Empty, which is valid for any message. */
const MESSAGE = Buffer.alloc(5);
const UNAVAILABLE = 14;
const RESOURCE_EXHAUSTED = 8;
const NOT_FOUND = 5;
/** Health of a server that does not report it. */
const UNIMPLEMENTED = 12;

type Answer = (stream: ServerHttp2Stream, messages: number) => void;

const failed =
  (status: number): Answer =>
  (stream) =>
    stream.respond({ ...HEAD, 'grpc-status': String(status) }, { endStream: true });

const begun: Answer = (stream) => {
  stream.respond(HEAD);
  stream.write(MESSAGE);
};

const whole: Answer = (stream, messages) => {
  stream.respond(HEAD, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers(OK));
  stream.end(Buffer.concat(Array.from({ length: messages }, () => MESSAGE)));
};

/** Sends GOAWAY for this call and all later ones, and closes soon afterwards. */
const goodbye: Answer = ({ session, id = 1 }) => {
  session?.goaway(constants.NGHTTP2_NO_ERROR, Math.max(id - 2, 0));
  setTimeout(() => session?.destroy(), 50);
};

/** Outcome of a call. */
const FATES: Fates<Answer> = [
  [0.02, failed(UNAVAILABLE)],
  [0.01, failed(RESOURCE_EXHAUSTED)],
  [0.01, failed(NOT_FOUND)],
  [0.01, (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR)],
  [0.01, (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM)],
  [0.002, (stream) => stream.session?.destroy()],
  [0.004, (stream) => stream.session?.close()],
  [0.002, goodbye],
  [0.02, () => {}],
  [0.01, begun],
  [
    0.01,
    (stream, messages) => {
      begun(stream, messages);
      stream.close(constants.NGHTTP2_CANCEL);
    },
  ],
  [
    0.01,
    (stream) => {
      stream.respond(HEAD);
      stream.end(Buffer.from('no message'));
    },
  ],
  [1, whole],
];

/** Answers, fails, hangs, breaks off, sends GOAWAY, or sends garbage. Its health is always good. */
export const faultyGrpc =
  (random: () => number, held: Held) =>
  (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void => {
    held.requests += 1;
    stream.on('error', () => {});
    stream.once('close', () => {
      held.requests -= 1;
    });
    stream.resume();
    if (headers[':path']?.startsWith('/grpc.health.v1.') === true) {
      failed(UNIMPLEMENTED)(stream, 0);
      return;
    }
    const messages = headers[':path']?.endsWith('/List') === true ? 1 + Math.floor(random() * 20) : 1;
    const answer = drawn(FATES, random());
    setTimeout(() => {
      if (!stream.destroyed && !stream.closed) answer?.(stream, messages);
    }, delayMs(random));
  };
