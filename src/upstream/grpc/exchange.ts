import type { ClientHttp2Stream, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import { constants } from 'node:http2';
import { UpstreamError } from '../../errors.ts';
import type { Answer, Call, GrpcMessage } from '../call.ts';
import { NotProcessedError } from '../not-processed.ts';
import type { Connection } from './connection.ts';
import { UnaryBody } from './frame.ts';
import type { Rules } from './verdict.ts';
import { faultyAnswer, refusal, verdict } from './verdict.ts';

export interface Exchange {
  readonly call: Call;
  readonly message: GrpcMessage;
  readonly headers: OutgoingHttpHeaders;
  /** The request in its frame. */
  readonly body: Buffer;
  /** Has a stream reserved, which this gives back. */
  readonly connection: Connection;
  readonly rules: Rules;
}

/** The stream of a call. @throws UpstreamError where the connection was lost in the meantime. */
export const openStream = ({ call, headers, connection }: Exchange): ClientHttp2Stream => {
  try {
    return connection.request(headers);
  } catch (error) {
    connection.release();
    const cause = new NotProcessedError('the connection was lost', { cause: error });
    throw new UpstreamError('SERVICE_UNAVAILABLE', call, cause.message, { cause });
  }
};

/** Whether the header block of an answer is all there is of it: it is its trailers as well. */
export const isWhole = (flags: number): boolean => (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;

export const resetOf = (stream: ClientHttp2Stream): number => stream.rstCode ?? constants.NGHTTP2_NO_ERROR;

/**
 * One unary call on one stream. Whatever settles it early (an abort, an answer too large) cancels the stream at once.
 *
 * @throws UpstreamError, or the reason of the call's signal.
 */
export const exchange = (exchange: Exchange): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { call, message, connection, rules } = exchange;
    const stream = openStream(exchange);
    const body = new UnaryBody(rules);
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

    stream.on('response', (headers, flags) => {
      connection.heard();
      head = headers;
      if (isWhole(flags)) {
        trailers = headers;
        return;
      }
      const error = refusal(call, headers, rules);
      if (error !== null && !settled) give(error);
    });
    stream.on('data', (piece: Buffer) => {
      const fault = settled ? null : body.push(piece);
      if (fault !== null) give(faultyAnswer(call, head, fault, rules));
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
      // Node's session keeps a way to streams that have closed until the next full collection; to the answer there is none then.
      stream.removeAllListeners();
      connection.release();
      const done = () => call.signal.removeEventListener('abort', abort);
      if (settled) return;
      const { lost } = connection;
      const ending = {
        head,
        trailers,
        failure,
        reset: resetOf(stream),
        lost,
        leftOut: connection.leftOut(stream),
        served: connection.served,
      };
      try {
        const answer = verdict(call, message, ending, body, rules);
        // A caller need not wait for what is still being decompressed.
        if (answer instanceof Promise) answer.finally(done).then(resolve, reject);
        else {
          done();
          resolve(answer);
        }
      } catch (error) {
        done();
        reject(error);
      }
    });
    stream.end(exchange.body);
  });
