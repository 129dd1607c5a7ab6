import type { IncomingHttpHeaders } from 'node:http2';
import { constants } from 'node:http2';
import type { Clock } from '../../clock.ts';
import { UpstreamError } from '../../errors.ts';
import type { Answer, Call, GrpcMessage } from '../call.ts';
import { LeftOutError, NotProcessedError } from '../not-processed.ts';
import { decompressed, encodingOf } from './compression.ts';
import type { Fault, Framed, FrameRules, UnaryBody } from './frame.ts';
import { answerHeaders, decodeMessage, isGrpc } from './headers.ts';
import { TooMuchError } from './places.ts';
import { parseStatus, type StatusCodes, statusError, statusOfHttp, statusOfReset } from './status.ts';

/** How the answers of one wire are read. */
export interface Rules extends FrameRules {
  readonly clock: Clock;
  readonly codes: StatusCodes;
}

/** What `grpc-status` nearly always says. */
const OK = '0';

/** All that is known of a stream that has closed, beside its messages. */
export interface Ending {
  readonly head: IncomingHttpHeaders | null;
  /** The last header block; the only one where an answer has no messages. */
  readonly trailers: IncomingHttpHeaders | null;
  /** The HTTP/2 error code it was reset with; NO_ERROR where it ended by itself. */
  readonly reset: number;
  /** Whether the connection went away under it. */
  readonly lost: boolean;
  /** Whether the server never began with it, or it never got there. */
  readonly leftOut: boolean;
  /** Whether the connection had carried an answer before: a server that turns everybody away is not well. */
  readonly served: boolean;
  readonly failure: Error | null;
}

/** The failure of a call whose answer has this fault. */
export const faultError = (call: Call, { code, reason }: Fault, cause?: unknown): UpstreamError =>
  new UpstreamError(code, call, reason, { cause });

const badResponse = (call: Call, reason: string, cause?: unknown): UpstreamError =>
  faultError(call, { code: 'UPSTREAM_BAD_RESPONSE', reason }, cause);

/** The failure that the HTTP status of an answer stands for; null for 200. */
const httpFailure = (call: Call, head: IncomingHttpHeaders, { codes }: Rules): UpstreamError | null => {
  const status = Number(head[':status']);
  if (status === constants.HTTP_STATUS_OK) return null;
  return statusError(call, statusOfHttp(status), `HTTP status ${status}`, {}, codes);
};

/** The failure of a call whose messages cannot be taken. Of an error page the HTTP status tells more than what it holds. */
export const faultyAnswer = (call: Call, head: IncomingHttpHeaders | null, fault: Fault, rules: Rules): UpstreamError =>
  (head === null ? null : httpFailure(call, head, rules)) ?? faultError(call, fault);

/**
 * Why an answer that begins like this, and does not end with it, is not worth reading; null where it is. One of gRPC's with
 * another HTTP status than 200 is read to its end, for the status that may come there.
 */
export const refusal = (call: Call, head: IncomingHttpHeaders, rules: Rules): UpstreamError | null => {
  if (isGrpc(head['content-type'])) return null;
  return httpFailure(call, head, rules) ?? badResponse(call, 'the answer is not gRPC');
};

/** Why the call failed that was not processed, so that it may be sent again; null where nobody can tell. */
const notProcessed = (call: Call, { head, reset, leftOut, served, failure }: Ending): UpstreamError | null => {
  // A server that has begun to answer may say so all the same.
  if (head !== null || !(leftOut || reset === constants.NGHTTP2_REFUSED_STREAM)) return null;
  const options = { cause: failure ?? undefined };
  const why = leftOut ? 'the server went away' : 'REFUSED_STREAM';
  const cause = leftOut && served ? new LeftOutError(why, options) : new NotProcessedError(why, options);
  return new UpstreamError('SERVICE_UNAVAILABLE', call, 'the server refused the stream', { cause });
};

/** A stream that ended without a status: cut off, reset, or by a server that does not keep to the protocol. */
const broken = (call: Call, ending: Ending, rules: Rules): UpstreamError => {
  const { head, trailers, reset, lost, failure } = ending;
  const refused = notProcessed(call, ending);
  if (refused !== null) return refused;
  // Nothing of an answer had come, so this is what it would be had the connection been refused.
  if (lost) {
    const code = head === null ? 'SERVICE_UNAVAILABLE' : 'UPSTREAM_ERROR';
    return new UpstreamError(code, call, 'the connection was lost', { cause: failure ?? undefined });
  }
  // Servers cancel what has run out of time, and their clock may be a little ahead of ours.
  if (reset === constants.NGHTTP2_CANCEL && rules.clock.now() >= call.deadline)
    return statusError(call, 'DEADLINE_EXCEEDED', 'cancelled by the server', {}, rules.codes);
  if (reset !== constants.NGHTTP2_NO_ERROR)
    return statusError(call, statusOfReset(reset), `the stream was reset with code ${reset}`, {}, rules.codes);
  if (head === null) return badResponse(call, 'the stream ended without an answer', failure ?? undefined);
  const reason = trailers === null ? 'no status came' : 'the trailers have no status';
  return httpFailure(call, head, rules) ?? badResponse(call, reason);
};

/** Returns where the status of a closed stream is OK. @throws UpstreamError for everything else. */
export const assertOk = (call: Call, ending: Ending, rules: Rules): void => {
  const { head, trailers } = ending;
  const header = trailers?.['grpc-status'];
  if (header === undefined) throw broken(call, ending, rules);
  if (header === OK) return;
  const status = parseStatus(String(header));
  if (status === 'OK') return;
  const words = decodeMessage(String(trailers?.['grpc-message'] ?? ''));
  throw statusError(call, status, words, answerHeaders(head, trailers), rules.codes);
};

/** The decoded message; a promise only where it is compressed. @throws UpstreamError, or rejects with one. */
export const messageOf = (
  call: Call,
  message: GrpcMessage,
  { compressed, bytes }: Framed,
  head: IncomingHttpHeaders | null,
  { maxResponseBytes }: Rules,
): unknown => {
  const decode = (plain: Buffer): unknown => {
    try {
      return message.decode(plain);
    } catch (cause) {
      if (cause instanceof TooMuchError)
        throw faultError(call, { code: 'UPSTREAM_RESPONSE_TOO_LARGE', reason: cause.message }, cause);
      throw badResponse(call, 'the message does not decode', cause);
    }
  };
  if (!compressed) return decode(bytes);
  const encoding = encodingOf(head?.['grpc-encoding']);
  if (encoding === null) throw badResponse(call, 'the message is compressed in a way that was not offered');
  return decompressed(bytes, encoding, maxResponseBytes).then((plain) => {
    if (!Buffer.isBuffer(plain)) throw faultError(call, plain);
    return decode(plain);
  });
};

/** Puts its headers together when somebody asks for them: that costs as much as reading a dozen rows, and hardly anybody does. */
class UnaryAnswer implements Answer {
  readonly status = 0;
  readonly size: number;
  readonly value: unknown;
  readonly #ending: Ending;
  #headers: Answer['headers'] | null = null;

  constructor(value: unknown, size: number, ending: Ending) {
    this.value = value;
    this.size = size;
    this.#ending = ending;
  }

  get headers(): Answer['headers'] {
    this.#headers ??= answerHeaders(this.#ending.head, this.#ending.trailers);
    return this.#headers;
  }
}

/**
 * What a closed stream means: the answer where the status is OK and there is exactly one message that decodes.
 *
 * @throws UpstreamError for everything else, or rejects with one.
 */
export const verdict = (
  call: Call,
  message: GrpcMessage,
  ending: Ending,
  body: UnaryBody,
  rules: Rules,
): Answer | Promise<Answer> => {
  assertOk(call, ending, rules);
  const framed = body.message();
  if ('reason' in framed) throw faultError(call, framed);
  const value = messageOf(call, message, framed, ending.head, rules);
  const answer = (decoded: unknown): Answer => new UnaryAnswer(decoded, body.size, ending);
  return value instanceof Promise ? value.then(answer) : answer(value);
};
