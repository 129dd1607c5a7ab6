import type { IncomingHttpHeaders } from 'node:http2';
import { constants } from 'node:http2';
import type { Clock } from '../../core/clock.ts';
import { UpstreamError } from '../../core/errors.ts';
import { MemoryBudgetError } from '../../protobuf/codec/memory-budget.ts';
import type { Answer, Call, GrpcMessage } from '../call.ts';
import type { ErrorOutcome } from '../error-response/map-error-response.ts';
import { CONNECTION_LOST, LeftOutError, NotProcessedError } from '../errors.ts';
import { decompressed, encodingOf } from './compression.ts';
import type { Fault, Framed, FrameRules } from './frame.ts';
import { answerHeaders, decodeMessage, isGrpc } from './headers.ts';
import type { UnaryBody } from './message-parser.ts';
import {
  type GrpcErrorResponse,
  parseStatus,
  type StatusCodes,
  statusError,
  statusOfHttp,
  statusOfReset,
} from './status.ts';

/** Settings for the answers of one transport. */
export interface ResponseRules extends FrameRules {
  readonly clock: Clock;
  readonly codes: StatusCodes;
  /** Returns the error for an error response. */
  readonly map?: ((response: GrpcErrorResponse) => ErrorOutcome) | undefined;
}

/** The value of `grpc-status` in nearly every answer. */
const OK = '0';

/** State of a closed stream, except its messages. */
export interface Ending {
  readonly head: IncomingHttpHeaders | null;
  /** The last header block; the only one in an answer without messages. */
  readonly trailers: IncomingHttpHeaders | null;
  /** HTTP/2 error code of the reset; NO_ERROR for a stream that ended by itself. */
  readonly reset: number;
  /** True if the connection was lost before the stream ended. */
  readonly lost: boolean;
  /** True if the server did not process the stream, or never received it. */
  readonly leftOut: boolean;
  /**
   * True if the connection had carried an answer before. A server that refuses every stream of a new connection is
   * unhealthy.
   */
  readonly served: boolean;
  readonly failure: Error | null;
}

/** Converts a fault of the answer to the call's error. */
export const faultError = (call: Call, { code, reason }: Fault, cause?: unknown): UpstreamError =>
  new UpstreamError(code, call, reason, { cause });

const badResponse = (call: Call, reason: string, cause?: unknown): UpstreamError =>
  faultError(call, { code: 'UPSTREAM_BAD_RESPONSE', reason }, cause);

/** Returns the error for the HTTP status of an answer; null for 200. */
const httpFailure = (call: Call, head: IncomingHttpHeaders, { codes, map }: ResponseRules): UpstreamError | null => {
  const status = Number(head[':status']);
  if (status === constants.HTTP_STATUS_OK) return null;
  return statusError(call, statusOfHttp(status), `HTTP status ${status}`, {}, codes, map);
};

/**
 * Returns the error for unacceptable messages. The HTTP status of an error page takes precedence over the fault in its
 * body.
 */
export const faultyAnswer = (
  call: Call,
  head: IncomingHttpHeaders | null,
  fault: Fault,
  rules: ResponseRules,
): UpstreamError => (head === null ? null : httpFailure(call, head, rules)) ?? faultError(call, fault);

/**
 * Returns the error of an answer that can be rejected by its headers; null for one to be read on. A gRPC answer with an
 * HTTP status other than 200 is read to its end, because its trailers may have a gRPC status.
 */
export const headerError = (call: Call, head: IncomingHttpHeaders, rules: ResponseRules): UpstreamError | null => {
  if (isGrpc(head['content-type'])) return null;
  return httpFailure(call, head, rules) ?? badResponse(call, 'the answer is not gRPC');
};

/** Returns the error of a call that was certainly not processed, so that a retry is safe; null if that is unknown. */
const notProcessed = (call: Call, { head, reset, leftOut, served, failure }: Ending): UpstreamError | null => {
  // A server may send REFUSED_STREAM even after it has begun to answer.
  if (head !== null || !(leftOut || reset === constants.NGHTTP2_REFUSED_STREAM)) return null;
  const options = { cause: failure ?? undefined };
  const why = leftOut ? 'the server closed the connection' : 'REFUSED_STREAM';
  const cause = leftOut && served ? new LeftOutError(why, options) : new NotProcessedError(why, options);
  return new UpstreamError('SERVICE_UNAVAILABLE', call, 'the server refused the stream', { cause });
};

/**
 * Returns the error of a stream that ended without a status: cut off, reset, or by a server that violates the protocol.
 */
const broken = (call: Call, ending: Ending, rules: ResponseRules): UpstreamError => {
  const { head, trailers, reset, lost, failure } = ending;
  const refused = notProcessed(call, ending);
  if (refused !== null) return refused;
  // Without any part of an answer, the loss counts like a refused connection.
  if (lost) {
    const code = head === null ? 'SERVICE_UNAVAILABLE' : 'UPSTREAM_ERROR';
    return new UpstreamError(code, call, CONNECTION_LOST, { cause: failure ?? undefined });
  }
  // Servers cancel streams at their deadline, and their clock may be slightly ahead.
  if (reset === constants.NGHTTP2_CANCEL && rules.clock.now() >= call.deadline)
    return statusError(call, 'DEADLINE_EXCEEDED', 'cancelled by the server', {}, rules.codes, rules.map);
  if (reset !== constants.NGHTTP2_NO_ERROR)
    return statusError(
      call,
      statusOfReset(reset),
      `the stream was reset with code ${reset}`,
      {},
      rules.codes,
      rules.map,
    );
  if (head === null) return badResponse(call, 'the stream ended without an answer', failure ?? undefined);
  const reason = trailers === null ? 'the answer has no grpc-status' : 'the trailers have no grpc-status';
  return httpFailure(call, head, rules) ?? badResponse(call, reason);
};

/** Checks that a closed stream has status OK. @throws UpstreamError for everything else. */
export const assertOk = (call: Call, ending: Ending, rules: ResponseRules): void => {
  const { head, trailers } = ending;
  const header = trailers?.['grpc-status'];
  if (header === undefined) throw broken(call, ending, rules);
  if (header === OK) return;
  const status = parseStatus(String(header));
  if (status === 'OK') return;
  const words = decodeMessage(String(trailers?.['grpc-message'] ?? ''));
  throw statusError(call, status, words, answerHeaders(head, trailers), rules.codes, rules.map);
};

/** Returns the decoded message. @throws UpstreamError */
export const messageOf = async (
  call: Call,
  message: GrpcMessage,
  { compressed, bytes }: Framed,
  head: IncomingHttpHeaders | null,
  { maxResponseBytes }: ResponseRules,
): Promise<unknown> => {
  let plain: Buffer | Fault = bytes;
  if (compressed) {
    const encoding = encodingOf(head?.['grpc-encoding']);
    if (encoding === null) throw badResponse(call, 'the message has a compression that was not offered');
    plain = await decompressed(bytes, encoding, maxResponseBytes);
    if (!Buffer.isBuffer(plain)) throw faultError(call, plain);
  }
  try {
    return message.decode(plain);
  } catch (cause) {
    if (cause instanceof MemoryBudgetError)
      throw faultError(call, { code: 'UPSTREAM_RESPONSE_TOO_LARGE', reason: cause.message }, cause);
    throw badResponse(call, 'the message does not decode', cause);
  }
};

/**
 * Returns the answer of a closed stream: status OK and exactly one message that decodes.
 *
 * @throws UpstreamError for everything else.
 */
export const unaryResponse = async (
  call: Call,
  message: GrpcMessage,
  ending: Ending,
  body: UnaryBody,
  rules: ResponseRules,
): Promise<Answer> => {
  assertOk(call, ending, rules);
  const framed = body.message();
  if ('reason' in framed) throw faultError(call, framed);
  let plainSize = body.size;
  const decode = (plain: Uint8Array): unknown => {
    plainSize = plain.length;
    return message.decode(plain);
  };
  const value = await messageOf(call, framed.compressed ? { ...message, decode } : message, framed, ending.head, rules);
  return { status: 0, headers: answerHeaders(ending.head, ending.trailers), size: body.size, plainSize, value };
};
