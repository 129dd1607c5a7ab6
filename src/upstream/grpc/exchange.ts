import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { constants } from 'node:http2';
import { UpstreamError } from '../../errors.ts';
import type { Answer, Call, GrpcMessage } from '../call.ts';
import { NotProcessedError } from '../not-processed.ts';
import type { Connection } from './connection.ts';
import { UnaryBody } from './frame.ts';
import type { Ending, Rules } from './verdict.ts';
import { faultyAnswer, refusal, verdict } from './verdict.ts';

const ONCE = { once: true };

export interface Exchange {
  readonly call: Call;
  readonly message: GrpcMessage;
  /** Names, each followed by its value. */
  readonly headers: readonly string[];
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

/** How a stream of a connection came to its end; `seen` is what was received of it. */
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

/** One unary call on one stream, as Node's events tell of it. */
class Unary {
  readonly #exchange: Exchange;
  readonly #stream: ClientHttp2Stream;
  readonly #resolve: (answer: Answer | Promise<Answer>) => void;
  readonly #reject: (error: unknown) => void;
  readonly #body: UnaryBody;
  readonly #abort = (): void => this.#give(this.#exchange.call.signal.reason);
  #head: IncomingHttpHeaders | null = null;
  #trailers: IncomingHttpHeaders | null = null;
  #failure: Error | null = null;
  #settled = false;

  constructor(
    exchange: Exchange,
    stream: ClientHttp2Stream,
    resolve: (answer: Answer | Promise<Answer>) => void,
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
    connection.heard();
    this.#head = headers;
    if (isWhole(flags)) {
      this.#trailers = headers;
      return;
    }
    const error = refusal(call, headers, rules);
    if (error !== null && !this.#settled) this.#give(error);
  }

  data(piece: Buffer): void {
    const fault = this.#settled ? null : this.#body.push(piece);
    if (fault !== null) this.#give(faultyAnswer(this.#exchange.call, this.#head, fault, this.#exchange.rules));
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
    try {
      const answer = verdict(call, message, this.#ending(), this.#body, rules);
      // A caller need not wait for what is still being decompressed.
      if (answer instanceof Promise) this.#resolve(answer.finally(() => this.#letGo()));
      else {
        this.#letGo();
        this.#resolve(answer);
      }
    } catch (error) {
      this.#letGo();
      this.#reject(error);
    }
  }

  /** Settles it early, and cancels the stream at once. */
  #give(error: unknown): void {
    this.#settled = true;
    this.#letGo();
    this.#reject(error);
    this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  #letGo(): void {
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

/** Where a stream keeps the call that it carries, so that its listeners are the same for all streams. */
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
  // The answer is complete; a server that does not read the rest of the request would keep the stream open.
  if (!this.writableFinished) this.close(constants.NGHTTP2_CANCEL);
}
function onError(this: Carrier, error: Error): void {
  this[CALL]?.error(error);
}
function onClose(this: Carrier): void {
  const call = this[CALL];
  // Node's session keeps a way to streams that have closed until the next full collection; to the answer there is none then.
  this[CALL] = undefined;
  call?.close();
}

/**
 * One unary call on one stream. Whatever settles it early (an abort, an answer too large) cancels the stream at once.
 *
 * @throws UpstreamError, or the reason of the call's signal.
 */
export const exchange = (exchange: Exchange): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const stream: Carrier = openStream(exchange);
    stream[CALL] = new Unary(exchange, stream, resolve, reject);
    stream.on('response', onResponse);
    stream.on('data', onData);
    stream.on('trailers', onTrailers);
    stream.on('end', onEnd);
    stream.on('error', onError);
    stream.on('close', onClose);
    stream.end(exchange.body);
  });
