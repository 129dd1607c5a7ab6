import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { constants } from 'node:http2';
import { UpstreamError } from '../../core/errors.ts';
import type { Answer, Call, GrpcMessage } from '../call.ts';
import { NotProcessedError } from '../errors.ts';
import { cancelStream } from './connection/cancel-stream.ts';
import type { Connection } from './connection/connection.ts';
import { UnaryBody } from './message-parser.ts';
import type { Ending, ResponseRules } from './response.ts';
import { faultyAnswer, headerError, unaryResponse } from './response.ts';
import { sendMessages } from './send-messages.ts';

const ONCE = { once: true };

export interface UnaryExchange {
  readonly call: Call;
  readonly message: GrpcMessage;
  /** Each name is followed by its value. */
  readonly headers: readonly string[];
  /** The request, framed; empty for a call with `outgoing` messages. */
  readonly body: Buffer;
  /** A connection with a reserved stream, which the exchange releases. */
  readonly connection: Connection;
  readonly rules: ResponseRules;
}

/** Opens the stream of a call. @throws UpstreamError if the connection was lost since. */
export const openStream = ({ call, headers, connection }: UnaryExchange): ClientHttp2Stream => {
  try {
    return connection.request(headers);
  } catch (error) {
    connection.release();
    const cause = new NotProcessedError('the connection was lost', { cause: error });
    throw new UpstreamError('SERVICE_UNAVAILABLE', call, cause.message, { cause });
  }
};

/** True if the header block is the whole answer (Trailers-Only). */
export const isWhole = (flags: number): boolean => (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;

/** Describes the end of a stream; `seen` is what was received. */
export const endingOf = (
  connection: Connection,
  stream: ClientHttp2Stream,
  seen: Pick<Ending, 'head' | 'trailers' | 'failure'>,
): Ending => ({
  ...seen,
  reset: stream.rstCode ?? constants.NGHTTP2_NO_ERROR,
  lost: connection.lost,
  leftOut: connection.leftOut(stream),
  served: connection.served,
});

/** One unary call on one stream, driven by Node's events. */
class Unary {
  readonly #exchange: UnaryExchange;
  readonly #stream: ClientHttp2Stream;
  readonly #resolve: (answer: Promise<Answer>) => void;
  readonly #reject: (error: unknown) => void;
  readonly #body: UnaryBody;
  readonly #abort = (): void => this.cancelWith(this.#exchange.call.signal.reason);
  #head: IncomingHttpHeaders | null = null;
  #trailers: IncomingHttpHeaders | null = null;
  #failure: Error | null = null;
  #settled = false;

  constructor(
    exchange: UnaryExchange,
    stream: ClientHttp2Stream,
    resolve: (answer: Promise<Answer>) => void,
    reject: (error: unknown) => void,
  ) {
    this.#exchange = exchange;
    this.#stream = stream;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#body = new UnaryBody(exchange.rules);
    exchange.call.signal.addEventListener('abort', this.#abort, ONCE);
  }

  response(headers: IncomingHttpHeaders, flags: number): void {
    const { call, connection, rules } = this.#exchange;
    connection.frameReceived();
    this.#head = headers;
    if (isWhole(flags)) {
      this.#trailers = headers;
      return;
    }
    const error = headerError(call, headers, rules);
    if (error !== null && !this.#settled) this.cancelWith(error);
  }

  data(piece: Buffer): void {
    const fault = this.#settled ? null : this.#body.push(piece);
    if (fault !== null) this.cancelWith(faultyAnswer(this.#exchange.call, this.#head, fault, this.#exchange.rules));
  }

  trailers(headers: IncomingHttpHeaders): void {
    this.#trailers = headers;
  }

  error(error: Error): void {
    this.#failure = error;
  }

  close(): void {
    const { call, message, connection, rules } = this.#exchange;
    connection.release();
    if (this.#settled) return;
    const answer = unaryResponse(call, message, this.#ending(), this.#body, rules);
    // The caller's signal stays connected during decompression.
    this.#resolve(answer.finally(() => this.#removeAbortListener()));
  }

  /** Settles the call before the stream has ended, and cancels the stream. */
  cancelWith(error: unknown): void {
    this.#settled = true;
    this.#removeAbortListener();
    this.#reject(error);
    cancelStream(this.#stream);
  }

  #removeAbortListener(): void {
    this.#exchange.call.signal.removeEventListener('abort', this.#abort);
  }

  #ending(): Ending {
    return endingOf(this.#exchange.connection, this.#stream, {
      head: this.#head,
      trailers: this.#trailers,
      failure: this.#failure,
    });
  }
}

/** Property of a stream that holds its call. */
const CALL = Symbol('call');

interface Carrier extends ClientHttp2Stream {
  [CALL]?: Unary | undefined;
}

function onResponse(this: Carrier, headers: IncomingHttpHeaders, flags: number): void {
  this[CALL]?.response(headers, flags);
}
function onData(this: Carrier, piece: Buffer): void {
  this[CALL]?.data(piece);
}
function onTrailers(this: Carrier, headers: IncomingHttpHeaders): void {
  this[CALL]?.trailers(headers);
}
function onEnd(this: Carrier): void {
  // The answer is complete. A server that does not read the rest of the request would keep the stream open.
  if (!this.writableFinished) cancelStream(this);
}
function onError(this: Carrier, error: Error): void {
  this[CALL]?.error(error);
}
function onClose(this: Carrier): void {
  const call = this[CALL];
  // Node's session references closed streams until the next full collection. The answer must not be reachable from
  // there.
  this[CALL] = undefined;
  call?.close();
}

/**
 * Sends one unary call on one stream. An abort or an oversized answer cancels the stream immediately.
 *
 * @throws UpstreamError, or the reason of the call's signal.
 */
export const exchangeUnary = (exchange: UnaryExchange): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const stream: Carrier = openStream(exchange);
    stream[CALL] = new Unary(exchange, stream, resolve, reject);
    stream.on('response', onResponse);
    stream.on('data', onData);
    stream.on('trailers', onTrailers);
    stream.on('end', onEnd);
    stream.on('error', onError);
    stream.on('close', onClose);
    const { message, rules } = exchange;
    if (message.outgoing === undefined) stream.end(exchange.body);
    else sendMessages(stream, message.outgoing, rules.compressible, (error) => stream[CALL]?.cancelWith(error));
  });
