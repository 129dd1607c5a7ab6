import type { ReceivedBuffers } from '../../core/buffer-memory.ts';
import { GatewayError } from '../../core/errors.ts';
import type { RawBody, RawSink } from '../../upstream/rest/answer/raw-body.ts';
import type { Exchange } from '../exchange/exchange.ts';

/** Writes the body of an answer to the client, at the client's pace. */
export class AnswerSink implements RawSink {
  readonly #exchange: Exchange;
  readonly #body: RawBody;
  readonly #written: () => void;
  readonly #done: () => void;
  readonly #buffers: ReceivedBuffers | null;

  /**
   * `written` is called for each chunk that the client takes, `done` at the end, in whatever way. `buffers` frees chunks
   * that were sent; null for chunks that something else reads, too.
   */
  constructor(
    exchange: Exchange,
    body: RawBody,
    written: () => void,
    done: () => void,
    buffers: ReceivedBuffers | null,
  ) {
    this.#exchange = exchange;
    this.#body = body;
    this.#written = written;
    this.#done = done;
    this.#buffers = buffers;
  }

  readonly #sent = (error?: Error | null): void => {
    // Chunks of a connection that failed are left to the garbage collector.
    if (error === undefined || error === null) this.#buffers?.passedOn();
  };

  write(chunk: Buffer): boolean {
    const { response } = this.#exchange;
    if (this.#exchange.isOver) return false;
    this.#exchange.bytes += chunk.length;
    this.#buffers?.arrived(chunk);
    if (response.write(chunk, this.#sent)) {
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
