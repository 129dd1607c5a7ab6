import { GatewayError } from '../../core/errors.ts';
import type { RawBody, RawSink } from '../../upstream/rest/answer/raw-body.ts';
import type { Exchange } from '../exchange/exchange.ts';

/** Writes the body of an answer to the client, at the client's pace. */
export class AnswerSink implements RawSink {
  readonly #exchange: Exchange;
  readonly #body: RawBody;
  readonly #written: () => void;
  readonly #done: () => void;

  /** `written` is called for each chunk that the client takes, `done` at the end, in whatever way. */
  constructor(exchange: Exchange, body: RawBody, written: () => void, done: () => void) {
    this.#exchange = exchange;
    this.#body = body;
    this.#written = written;
    this.#done = done;
  }

  write(chunk: Buffer): boolean {
    const { response } = this.#exchange;
    if (this.#exchange.isOver) return false;
    this.#exchange.bytes += chunk.length;
    if (response.write(chunk)) {
      this.#written();
      return true;
    }
    response.once('drain', () => {
      this.#written();
      this.#body.resume();
    });
    return false;
  }

  end(): void {
    this.#done();
    if (!this.#exchange.isOver) this.#exchange.response.end();
  }

  fail(error: unknown): void {
    this.#done();
    this.#exchange.cut(error instanceof GatewayError ? error.code : 'UPSTREAM_ERROR');
  }
}
