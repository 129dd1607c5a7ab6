import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import { UpstreamError } from '../../core/errors.ts';
import type { Call, RestMessage } from '../call.ts';
import { BodyStream } from '../stream/body-stream.ts';
import { recordWait } from '../wait.ts';
import { AnswerStream, type AnswerStreamEvents } from './answer/answer-stream.ts';
import {
  type Body,
  BodyCollector,
  type BodyEvents,
  type Coding,
  type CollectorEvents,
  codingOf,
  decompressedBody,
} from './answer/decompress.ts';
import { RawBody, type RawBodyEvents } from './answer/raw-body.ts';
import { MAX_INTERIM_ANSWERS } from './interim.ts';
import type { ConnectionObserver, ConnectWaits, RequestConnection } from './pools.ts';
import { dispatchOptions, type RestRequest } from './rest-request.ts';
import { transportError } from './transport-errors.ts';

/** An answer before its body is read as JSON or text. */
export interface RawAnswer extends AnswerHead {
  /** Bytes of the body as received, before decoding. 0 for a stream. */
  readonly size: number;
  /** Decoded body; empty for a stream, and for an error status with a body that cannot be decoded. */
  readonly body: Buffer;
  /** The body as a stream, if it was requested and the status is 2xx. */
  readonly stream: AnswerStream | null;
  /** The body as it arrives, if it was requested and the status is accepted. */
  readonly raw?: RawBody;
  /** The connection after an upgrade. */
  readonly socket?: Duplex;
}

export interface AnswerHead {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface AnswerRules {
  /** Maximum size of the body, both received and decoded. */
  readonly maxBytes: number;
  /** True if the answer to this method has a body. */
  readonly hasBody: boolean;
  /** True to resolve a 2xx once its headers have arrived. */
  readonly isStream: boolean;
  /** True for a status with an answer that is passed on as it arrives, without a limit. Default: none. */
  readonly isRaw?: ((status: number) => boolean) | undefined;
  /** Returns the fault of an answer that its head reveals; null for none. */
  readonly faultOf: (head: AnswerHead) => UpstreamError | null;
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
class Exchange implements ConnectionObserver, BodyEvents, CollectorEvents, AnswerStreamEvents, RawBodyEvents {
  readonly #call: Call;
  readonly #rules: AnswerRules;
  readonly #resolve: (answer: RawAnswer) => void;
  readonly #reject: (error: unknown) => void;
  usesIdleConnection = false;
  connection: RequestConnection | null = null;
  readonly #onAbort = () => this.#cancel(this.#call.signal.reason);
  #controller: Dispatcher.DispatchController | null = null;
  #interim = 0;
  #status = 0;
  #headers: Headers = {};
  #size = 0;
  #body: Body | null = null;
  #stream: AnswerStream | null = null;
  #raw: RawBody | null = null;
  #settled = false;

  constructor(call: Call, rules: AnswerRules, resolve: (answer: RawAnswer) => void, reject: (error: unknown) => void) {
    this.#call = call;
    this.#rules = rules;
    this.#resolve = resolve;
    this.#reject = reject;
    call.signal.addEventListener('abort', this.#onAbort, ONCE);
  }

  get #sentBody(): RestMessage['body'] {
    const { message } = this.#call;
    return message.protocol === 'rest' ? message.body : null;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.connection !== null && this.#sentBody instanceof BodyStream) this.#sentBody.sentOn(this.connection);
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
    const { maxBytes, hasBody, faultOf, isRaw } = this.#rules;
    const fault = faultOf({ status, headers: this.#headers });
    if (fault !== null) this.#cancel(fault);
    else if (isRaw?.(status) === true) this.#establishRaw([headers['set-cookie'] ?? []].flat());
    else if (!hasBody) this.#body = decompressedBody('identity', new BodyCollector(maxBytes, this), this);
    else if (Number(this.#headers['content-length']) > maxBytes) this.tooLarge();
    else this.#read();
  }

  onRequestUpgrade(
    _: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
    socket: Duplex,
  ): void {
    if (this.#settle()) this.#resolve({ status, headers: flat(headers), size: 0, body: EMPTY, stream: null, socket });
    else socket.destroy();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > this.#rules.maxBytes && this.#raw === null) this.tooLarge();
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

  connectEnded({ connectMs, resolveMs }: ConnectWaits): void {
    if (this.#settled) return;
    recordWait(this.#call, 'connect', connectMs);
    recordWait(this.#call, 'resolve', resolveMs);
  }

  ready(): void {
    this.#controller?.resume();
  }

  done(body: Buffer): void {
    this.#succeed(body);
  }

  tooLarge(): void {
    const reason = `the answer has more than ${this.#rules.maxBytes} bytes`;
    this.#cancel(new UpstreamError('UPSTREAM_RESPONSE_TOO_LARGE', this.#call, reason));
  }

  drained(): void {
    this.#body?.resume();
  }

  complete(): void {
    if (this.#settle()) this.#body?.destroy();
  }

  left(): void {
    if (!this.#settled) this.#cancel(new Error('the reader left the stream'));
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
    else if (this.#rules.isStream && this.#status < 300) this.#establish(coding);
    else this.#body = decompressedBody(coding, new BodyCollector(this.#rules.maxBytes, this), this);
  }

  #establish(coding: Coding): void {
    const stream = new AnswerStream(this.#rules.maxBytes, this);
    this.#stream = stream;
    this.#body = decompressedBody(coding, stream, this);
    this.#resolve({ status: this.#status, headers: this.#headers, size: 0, body: EMPTY, stream });
  }

  #establishRaw(cookies: readonly string[]): void {
    const raw = new RawBody(this, cookies, this.connection !== null);
    this.#raw = raw;
    this.#body = raw;
    this.#resolve({ status: this.#status, headers: this.#headers, size: 0, body: EMPTY, stream: null, raw });
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
    this.#resolve({ status: this.#status, headers: this.#headers, size: this.#size, body, stream: null });
    this.#body?.destroy();
  }

  #cancel(error: unknown): void {
    this.#fail(error);
    this.#controller?.abort(error instanceof Error ? error : new Error('the call was cancelled', { cause: error }));
  }

  #fail(error: unknown): void {
    if (!this.#settle()) return;
    if (this.#raw !== null) this.#raw.fail(error);
    else if (this.#stream !== null) this.#stream.fail(error, this.#call.signal.aborted);
    else this.#reject(error);
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
 * for every other failure. A stream fails in the same ways after it is established. An answer larger than `maxBytes`,
 * received or decoded, is cut off at the limit.
 */
export const exchange = (pool: Dispatcher, request: RestRequest, call: Call, rules: AnswerRules): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    if (call.signal.aborted) reject(call.signal.reason);
    else pool.dispatch(dispatchOptions(request), new Exchange(call, rules, resolve, reject));
  });
