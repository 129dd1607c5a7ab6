import type { IncomingHttpHeaders } from 'node:http2';
import { constants } from 'node:http2';
import { UpstreamError } from '../../errors.ts';
import type { Answer, Call, GrpcMessage } from '../call.ts';
import type { Fault, UnaryBody } from './frame.ts';
import { answerHeaders, decodeMessage, isGrpc } from './headers.ts';
import { NotProcessedError } from './not-processed.ts';
import { parseStatus, statusError, statusOfHttp, statusOfReset } from './status.ts';

/** All that is known of a stream that has closed. */
export interface Reply {
  readonly head: IncomingHttpHeaders | null;
  readonly trailers: IncomingHttpHeaders | null;
  readonly body: UnaryBody;
  /** The HTTP/2 error code it was reset with; NO_ERROR where it ended by itself. */
  readonly reset: number;
  /** Whether the connection went away under it. */
  readonly lost: boolean;
  readonly failure: Error | null;
  /** Whether the call's deadline had passed when it closed. */
  readonly late: boolean;
}

/** The failure of a call whose answer has this fault. */
export const faultError = (call: Call, { code, reason }: Fault, cause?: unknown): UpstreamError =>
  new UpstreamError(code, call, reason, { cause });

const badResponse = (call: Call, reason: string, cause?: unknown): UpstreamError =>
  faultError(call, { code: 'UPSTREAM_BAD_RESPONSE', reason }, cause);

/** Why an answer that begins like this is not worth reading; null where it is. */
export const refusal = (call: Call, head: IncomingHttpHeaders): UpstreamError | null => {
  if (head['grpc-status'] !== undefined) return null;
  const status = Number(head[':status']);
  if (status !== constants.HTTP_STATUS_OK) return statusError(call, statusOfHttp(status), `HTTP status ${status}`);
  return isGrpc(head['content-type']) ? null : badResponse(call, 'the answer is not gRPC');
};

const decoded = (call: Call, message: GrpcMessage, { head, trailers, body }: Reply): Answer => {
  const bytes = body.message();
  if (!Buffer.isBuffer(bytes)) throw faultError(call, bytes);
  let value: unknown;
  try {
    value = message.decode(bytes);
  } catch (cause) {
    throw badResponse(call, 'the message does not decode', cause);
  }
  return { status: 0, headers: answerHeaders(head, trailers), size: body.size, value };
};

/** A stream that ended without a status: cut off, reset, or by a server that does not keep to the protocol. */
const broken = (call: Call, { head, body, reset, lost, failure, late }: Reply): UpstreamError => {
  if (reset === constants.NGHTTP2_REFUSED_STREAM)
    return new UpstreamError('SERVICE_UNAVAILABLE', call, 'the server refused the stream', {
      cause: new NotProcessedError('REFUSED_STREAM', { cause: failure ?? undefined }),
    });
  // Nothing of an answer had come, so this is what it would be had the connection been refused.
  if (lost) {
    const code = head === null ? 'SERVICE_UNAVAILABLE' : 'UPSTREAM_ERROR';
    return new UpstreamError(code, call, 'the connection was lost', { cause: failure ?? undefined });
  }
  // Servers cancel what has run out of time, and their clock may be a little ahead of ours.
  if (reset === constants.NGHTTP2_CANCEL && late)
    return statusError(call, 'DEADLINE_EXCEEDED', 'cancelled by the server');
  if (reset !== constants.NGHTTP2_NO_ERROR)
    return statusError(call, statusOfReset(reset), `the stream was reset with code ${reset}`);
  if (head === null) return badResponse(call, 'the stream ended without an answer', failure ?? undefined);
  return badResponse(call, body.size === 0 ? 'no status came' : 'no status came after the message');
};

/**
 * What a closed stream means: the answer where the status is OK and there is exactly one message that decodes.
 *
 * @throws UpstreamError for everything else.
 */
export const verdict = (call: Call, message: GrpcMessage, reply: Reply): Answer => {
  const last = reply.trailers ?? reply.head;
  const header = last?.['grpc-status'];
  if (header === undefined) throw broken(call, reply);
  const status = parseStatus(String(header));
  if (status === 'OK') return decoded(call, message, reply);
  const words = decodeMessage(String(last?.['grpc-message'] ?? ''));
  throw statusError(call, status, words, answerHeaders(reply.head, reply.trailers));
};
