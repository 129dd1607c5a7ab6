import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { constants } from 'node:http2';
import type { Answer } from '../call.ts';
import { Messages } from '../stream/message-iterator.ts';
import { cancelStream } from './connection/cancel-stream.ts';
import { type Framed, TRUNCATED } from './frame.ts';
import { answerHeaders } from './headers.ts';
import { MessageQueue } from './message-parser.ts';
import { assertOk, type Ending, faultError, faultyAnswer, headerError, messageOf } from './response.ts';
import { sendMessages } from './send-messages.ts';
import { endingOf, isWhole, openStream, type UnaryExchange } from './unary.ts';

/** A stream of messages, yielded one by one. */
class Streaming {
  readonly #exchange: UnaryExchange;
  readonly #stream: ClientHttp2Stream;
  readonly #queue: MessageQueue;
  readonly #messages: Messages<Framed>;
  readonly #established = Promise.withResolvers<Answer>();
  readonly #ended = Promise.withResolvers<void>();
  #head: IncomingHttpHeaders | null = null;
  #trailers: IncomingHttpHeaders | null = null;
  #failure: Error | null = null;
  #isEstablished = false;

  constructor(exchange: UnaryExchange) {
    this.#exchange = exchange;
    this.#stream = openStream(exchange);
    this.#queue = new MessageQueue(exchange.rules);
    this.#messages = new Messages({
      take: () => this.#take(),
      decode: (framed) => messageOf(exchange.call, exchange.message, framed, this.#head, exchange.rules),
      cancel: () => this.#cancel(),
    });
  }

  start(): Promise<Answer> {
    const { call, body } = this.#exchange;
    const stream = this.#stream;
    call.signal.addEventListener('abort', this.#abort, { once: true });
    stream.on('response', (headers, flags) => this.#onHead(headers, flags));
    stream.on('data', (piece: Buffer) => this.#onData(piece));
    stream.on('trailers', (headers) => {
      this.#trailers = headers;
    });
    stream.on('end', () => {
      // A server that does not read the rest of the request would keep the stream open.
      if (!stream.writableFinished) this.#cancel();
    });
    stream.on('error', (error) => {
      this.#failure = error;
    });
    stream.on('close', () => this.#onClose());
    const { message, rules } = this.#exchange;
    if (message.outgoing === undefined) stream.end(body);
    else
      sendMessages(stream, message.outgoing, rules.compressible, (error) => {
        this.#fail(error);
        this.#cancel();
      });
    return this.#established.promise;
  }

  readonly #abort = (): void => {
    const { reason } = this.#exchange.call.signal;
    this.#established.reject(reason);
    this.#messages.abort(reason);
    this.#cancel();
  };

  #cancel(): void {
    cancelStream(this.#stream);
  }

  /** Fails the pending answer, or the reader of its messages. */
  #fail(error: unknown): void {
    this.#established.reject(error);
    this.#messages.finish(error);
  }

  #establish(): void {
    this.#isEstablished = true;
    const headers = answerHeaders(this.#head);
    this.#established.resolve({ status: 0, headers, size: 0, value: this.#messages, ended: this.#ended.promise });
  }

  #take(): Framed | null {
    const framed = this.#queue.take();
    if (this.#queue.waiting === 0) this.#stream.resume();
    return framed;
  }

  #onHead(head: IncomingHttpHeaders, flags: number): void {
    const { call, connection, rules } = this.#exchange;
    connection.frameReceived();
    this.#head = head;
    if (isWhole(flags)) {
      this.#trailers = head;
      return;
    }
    const error = headerError(call, head, rules);
    if (error !== null) {
      this.#fail(error);
      this.#cancel();
    } else if (Number(head[':status']) === constants.HTTP_STATUS_OK) {
      this.#establish();
    }
  }

  #onData(piece: Buffer): void {
    const { connection } = this.#exchange;
    connection.frameReceived();
    if (this.#stream.closed) return;
    // An HTTP status other than 200 has no messages and determines the error.
    const fault = this.#isEstablished ? this.#queue.push(piece) : TRUNCATED;
    if (this.#queue.waiting > 0) {
      this.#stream.pause();
      this.#messages.arrived();
    }
    if (fault === null) return;
    const { call, rules } = this.#exchange;
    this.#fail(faultyAnswer(call, this.#head, fault, rules));
    this.#cancel();
  }

  #onClose(): void {
    const { call, connection, rules } = this.#exchange;
    call.signal.removeEventListener('abort', this.#abort);
    connection.release();
    this.#ended.resolve();
    try {
      assertOk(call, this.#ending(), rules);
      if (this.#queue.isPartial) throw faultError(call, TRUNCATED);
      if (!this.#isEstablished) this.#establish();
      this.#messages.finish(null);
    } catch (error) {
      this.#fail(error);
    }
  }

  #ending(): Ending {
    return endingOf(this.#exchange.connection, this.#stream, {
      head: this.#head,
      trailers: this.#trailers,
      failure: this.#failure,
    });
  }
}

/**
 * Sends a call of a server-streaming or bidirectional method. Resolves when the server has sent its headers, or OK without a message.
 * `value` yields the messages as they arrive and throws the stream's failure after the last of them.
 *
 * Reading is driven by the consumer: a consumer that stops reading stops the server after one flow-control window (1
 * MiB). Leaving the loop, or an abort of the call, cancels the stream at any time.
 *
 * @throws UpstreamError for a failure before that, or the reason of the call's signal.
 */
export const streaming = async (exchange: UnaryExchange): Promise<Answer> => new Streaming(exchange).start();
