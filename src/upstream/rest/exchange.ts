import type { Dispatcher } from 'undici';
import { UpstreamError } from '../../core/errors.ts';
import type { Call } from '../call.ts';
import { type Body, type BodyEvents, codingOf, decompressedBody } from './decompress.ts';
import { MAX_INTERIM_ANSWERS } from './interim.ts';
import type { ConnectionObserver } from './pools.ts';
import { transportError } from './transport-errors.ts';

/** An answer before its JSON is parsed. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes of the body as received, before decoding. */
  readonly size: number;
  /** Decoded body; empty for an error status with a body that cannot be decoded. */
  readonly body: Buffer;
}

type Headers = Readonly<Record<string, string>>;

const EMPTY = Buffer.alloc(0);
const ONCE = { once: true };

const flat = (headers: Readonly<Record<string, string | string[] | undefined>>): Headers => {
  const plain: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) plain[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return plain;
};

/** One request and its answer: the handler of undici's events. */
class Exchange implements ConnectionObserver, BodyEvents {
  readonly #call: Call;
  readonly #maxBytes: number;
  readonly #resolve: (answer: RawAnswer) => void;
  readonly #reject: (error: unknown) => void;
  usesIdleConnection = false;
  readonly #onAbort = () => this.#cancel(this.#call.signal.reason);
  #controller: Dispatcher.DispatchController | null = null;
  #interim = 0;
  #status = 0;
  #headers: Headers = {};
  #size = 0;
  #body: Body | null = null;
  #settled = false;

  constructor(call: Call, maxBytes: number, resolve: (answer: RawAnswer) => void, reject: (error: unknown) => void) {
    this.#call = call;
    this.#maxBytes = maxBytes;
    this.#resolve = resolve;
    this.#reject = reject;
    call.signal.addEventListener('abort', this.#onAbort, ONCE);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Cancelled while it waited for a connection: nothing has been sent yet.
    if (this.#settled) controller.abort(new Error('the call was cancelled before it was sent'));
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) {
      this.#skipInterim();
      return;
    }
    this.#status = status;
    this.#headers = flat(headers);
    if (Number(this.#headers['content-length']) > this.#maxBytes) this.tooLarge();
    else this.#read();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > this.#maxBytes) this.tooLarge();
    else if (this.#body?.write(chunk) === false) controller.pause();
  }

  onResponseEnd(): void {
    this.#body?.end();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    const progress = {
      started: this.#controller !== null,
      wasIdle: this.usesIdleConnection,
      answered: this.#status > 0 || this.#interim > 0,
    };
    this.#fail(transportError(this.#call, error, progress));
  }

  ready(): void {
    this.#controller?.resume();
  }

  done(body: Buffer): void {
    this.#succeed(body);
  }

  tooLarge(): void {
    const reason = `the answer has more than ${this.#maxBytes} bytes`;
    this.#cancel(new UpstreamError('UPSTREAM_RESPONSE_TOO_LARGE', this.#call, reason));
  }

  broken(cause: Error): void {
    this.#unreadable(`is not valid ${this.#headers['content-encoding']}`, cause);
  }

  #skipInterim(): void {
    this.#interim += 1;
    if (this.#interim <= MAX_INTERIM_ANSWERS) return;
    const reason = `the answer was preceded by more than ${MAX_INTERIM_ANSWERS} interim answers`;
    this.#cancel(new UpstreamError('UPSTREAM_BAD_RESPONSE', this.#call, reason));
  }

  #read(): void {
    const encoding = this.#headers['content-encoding'];
    const coding = codingOf(encoding);
    if (coding === null) this.#unreadable(`has an unsupported content-encoding (${encoding?.slice(0, 50)})`);
    else this.#body = decompressedBody(coding, this.#maxBytes, this);
  }

  /** Rejects a good answer that cannot be decoded. The body of an error status is dropped: the status suffices. */
  #unreadable(how: string, cause?: Error): void {
    if (this.#status < 300) {
      this.#cancel(new UpstreamError('UPSTREAM_BAD_RESPONSE', this.#call, `the answer ${how}`, { cause }));
    } else {
      this.#succeed(EMPTY);
      this.#controller?.abort(new Error('the body cannot be decoded'));
    }
  }

  #succeed(body: Buffer): void {
    if (!this.#settle()) return;
    this.#resolve({ status: this.#status, headers: this.#headers, size: this.#size, body });
    this.#body?.destroy();
  }

  #cancel(error: unknown): void {
    this.#fail(error);
    this.#controller?.abort(error instanceof Error ? error : new Error('the call was cancelled', { cause: error }));
  }

  #fail(error: unknown): void {
    if (!this.#settle()) return;
    this.#reject(error);
    this.#body?.destroy();
  }

  /** Returns false if the exchange was settled before. */
  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#call.signal.removeEventListener('abort', this.#onAbort);
    return true;
  }
}

/**
 * Sends one request on a pool of connections through undici's `dispatch`: its own handler sees interim answers and reused
 * connections.
 *
 * Rejects with the signal's reason immediately at its abort and closes the connection; rejects with an `UpstreamError`
 * for every other failure. An answer larger than `maxBytes`, received or decoded, is cut off at the limit.
 */
export const exchange = (
  pool: Dispatcher,
  options: Dispatcher.DispatchOptions,
  call: Call,
  maxBytes: number,
): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    if (call.signal.aborted) reject(call.signal.reason);
    else pool.dispatch(options, new Exchange(call, maxBytes, resolve, reject));
  });
