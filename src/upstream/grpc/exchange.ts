import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import { constants } from 'node:http2';
import type { Clock } from '../../clock.ts';
import { UpstreamError } from '../../errors.ts';
import type { Answer, Call, GrpcMessage } from '../call.ts';
import type { Connection } from './connection.ts';
import { frame, UnaryBody } from './frame.ts';
import { NotProcessedError } from './not-processed.ts';
import { faultError, refusal, verdict } from './verdict.ts';

export interface Exchange {
  readonly call: Call;
  readonly message: GrpcMessage;
  readonly headers: OutgoingHttpHeaders;
  /** Has a stream reserved, which this gives back. */
  readonly connection: Connection;
  readonly maxResponseBytes: number;
  readonly clock: Clock;
}

const open = ({ call, headers, connection }: Exchange) => {
  try {
    return connection.request(headers);
  } catch (error) {
    connection.release();
    const cause = new NotProcessedError('the connection was lost', { cause: error });
    throw new UpstreamError('SERVICE_UNAVAILABLE', call, cause.message, { cause });
  }
};

/**
 * One call on one stream. Whatever settles it early (an abort, an answer too large) cancels the stream at once.
 *
 * @throws UpstreamError, or the reason of the call's signal.
 */
export const exchange = (exchange: Exchange): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { call, message, connection, clock } = exchange;
    const stream = open(exchange);
    const body = new UnaryBody(exchange.maxResponseBytes);
    let head: IncomingHttpHeaders | null = null;
    let trailers: IncomingHttpHeaders | null = null;
    let failure: Error | null = null;
    let settled = false;

    const give = (error: Error) => {
      settled = true;
      call.signal.removeEventListener('abort', abort);
      reject(error);
      stream.close(constants.NGHTTP2_CANCEL);
    };
    const abort = () => give(call.signal.reason);
    call.signal.addEventListener('abort', abort, { once: true });

    stream.on('response', (headers) => {
      connection.heard();
      head = headers;
      const error = refusal(call, headers);
      if (error !== null && !settled) give(error);
    });
    stream.on('data', (piece: Buffer) => {
      const fault = settled ? null : body.push(piece);
      if (fault !== null) give(faultError(call, fault));
    });
    stream.on('trailers', (headers) => {
      trailers = headers;
    });
    stream.on('end', () => {
      // The answer is complete; a server that does not read the rest of the request would keep the stream open.
      if (!stream.writableFinished) stream.close(constants.NGHTTP2_CANCEL);
    });
    stream.on('error', (error) => {
      failure = error;
    });
    stream.on('close', () => {
      call.signal.removeEventListener('abort', abort);
      connection.release();
      if (settled) return;
      const reset = stream.rstCode ?? constants.NGHTTP2_NO_ERROR;
      const late = clock.now() >= call.deadline;
      try {
        resolve(verdict(call, message, { head, trailers, body, reset, lost: connection.lost, failure, late }));
      } catch (error) {
        reject(error);
      }
    });
    stream.end(frame(message.request));
  });
