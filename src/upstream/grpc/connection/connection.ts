import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { DEFAULT_GUARD, type EgressGuard } from '../../../config/egress/egress-guard.ts';
import type { Timer } from '../../../core/clock.ts';
import type { Endpoint } from '../../endpoints/endpoint.ts';
import { HANDSHAKE_TIMEOUT, NO_HTTP2 } from '../../tls/handshake-failure.ts';
import type { ClientTls } from '../../tls/upstream-tls.ts';
import { CONNECTION_WINDOW, dial, isSecure } from './dial.ts';
import { Keepalive, type KeepaliveOptions } from './keepalive.ts';

export interface ConnectionOptions extends KeepaliveOptions {
  /** Timeout in milliseconds, from the first packet to the server's SETTINGS. */
  readonly connectTimeoutMs: number;
  /** The connection accepts no more calls after this many. */
  readonly callsPerConnection: number;
  /** The connection accepts no more calls from this age in milliseconds, plus or minus a tenth. */
  readonly connectionAgeMs: number;
  /** Returns a number from 0 to 1. */
  readonly random: () => number;
  /** TLS to `grpcs:` endpoints. */
  readonly tls: ClientTls;
  /** Decides which addresses may be connected to. Default: all but reserved ones. */
  readonly guard?: EgressGuard | undefined;
}

/** Events of a connection, for its pool. */
export interface ConnectionEvents {
  /** Another stream may be opened: the connection was established, or a stream on it closed. */
  onRoom(): void;
  /** The connection accepts no new streams. Its open streams go on. */
  onDraining(): void;
  /** The connection and all its streams are closed. */
  onGone(error: Error): void;
}

/** Share by which the maximum age varies, so that connections are not all replaced at one time. */
const AGE_JITTER = 0.1;

/** One HTTP/2 connection to an endpoint. It keeps the process alive only while it connects or has streams. */
export class Connection {
  readonly #session: ClientHttp2Session;
  readonly #options: ConnectionOptions;
  readonly #events: ConnectionEvents;
  readonly #keepalive: Keepalive;
  /** The connect timeout, then the timer of the maximum age, then the timeout of the graceful close. */
  #timer: Timer;
  #socket: Socket | null = null;
  #phase: 'connecting' | 'ready' | 'draining' | 'gone' = 'connecting';
  #limit = 0;
  #streams = 0;
  #calls = 0;
  #lastTaken = Number.POSITIVE_INFINITY;
  #established = false;
  #served = false;
  #error: Error | null = null;
  /** Returns the error of the connect timeout: with TLS that of the handshake, if this was its cause. */
  #timeoutError: (error: Error) => Error = (error) => error;

  /** `tunnel` is a socket to the endpoint, through a proxy; null for a direct connection. */
  constructor(endpoint: Endpoint, options: ConnectionOptions, events: ConnectionEvents, tunnel: Socket | null = null) {
    this.#options = options;
    this.#events = events;
    this.#timer = options.clock.after(options.connectTimeoutMs, () =>
      this.destroy(this.#timeoutError(new Error(`no HTTP/2 connection within ${options.connectTimeoutMs} ms`))),
    );
    const { session, socket } = dial(endpoint, options.tls, options.guard ?? DEFAULT_GUARD, tunnel);
    this.#session = session;
    this.#keepalive = new Keepalive(this.#session, options, {
      isBusy: () => this.#streams > 0,
      onIdle: () => this.close(),
      onDead: (error) => this.destroy(error),
    });
    if (isSecure(endpoint)) this.#listenToTls(endpoint, socket, tunnel !== null);
    this.#listen();
  }

  get connecting(): boolean {
    return this.#phase === 'connecting';
  }

  /** True if the connection accepts no new streams while its open streams go on. */
  get draining(): boolean {
    return this.#phase === 'draining';
  }

  /** True once the connection has been ready for calls. */
  get established(): boolean {
    return this.#established;
  }

  /** True if the connection and its streams are gone. */
  get lost(): boolean {
    return this.#session.destroyed;
  }

  /** Reserves one stream, to be returned with `release`. False if the server allows no more. */
  reserve(): boolean {
    if (this.#phase !== 'ready' || this.#streams >= this.#limit || this.#session.closed || this.#session.destroyed)
      return false;
    this.#streams += 1;
    this.#calls += 1;
    if (this.#streams === 1) this.#session.ref();
    if (this.#calls >= this.#options.callsPerConnection) this.#phase = 'draining';
    return true;
  }

  /** Opens a reserved stream. Throws if the connection was lost since. */
  request(headers: readonly string[]): ClientHttp2Stream {
    this.#keepalive.sent();
    return this.#session.request(headers);
  }

  release(): void {
    this.#streams -= 1;
    if (this.#phase === 'gone') return;
    if (this.#streams === 0) this.#session.unref();
    if (this.#phase === 'draining') this.#leave();
    else this.#events.onRoom();
  }

  /** Records that a frame arrived from the server. */
  frameReceived(): void {
    this.#served = true;
    this.#keepalive.frameReceived();
  }

  /** True once the server has answered a call on this connection. */
  get served(): boolean {
    return this.#served;
  }

  /** True if the server declared with GOAWAY that it did not process this stream, or if the stream was never sent. */
  leftOut({ id }: ClientHttp2Stream): boolean {
    return id === undefined || id > this.#lastTaken;
  }

  /** Closes the connection after its streams have ended. */
  close(): void {
    if (this.#phase === 'connecting') this.destroy(new Error('closed before it was connected'));
    else if (this.#phase === 'ready') this.#drain();
  }

  /** Closes the connection and its streams. */
  destroy(error: Error): void {
    this.#error ??= error;
    this.#session.destroy(error);
    this.#socket?.destroy();
  }

  #drain(): void {
    this.#phase = 'draining';
    this.#events.onDraining();
    this.#leave();
  }

  // Not before the last stream has ended: a closing session opens no streams, not even reserved ones.
  #leave(): void {
    if (this.#streams > 0) return;
    this.#keepalive.stop();
    this.#timer.cancel();
    this.#session.close();
    // GOAWAY is sent; some servers never close their side.
    this.#timer = this.#options.clock.after(this.#options.pingTimeoutMs, () => this.#socket?.destroy());
  }

  #listenToTls(endpoint: Endpoint, socket: Socket, isTunnelled: boolean): void {
    const { tls } = this.#options;
    let isReached = isTunnelled;
    socket.once('connect', () => {
      isReached = true;
    });
    this.#timeoutError = (error) =>
      isReached && this.#socket === null
        ? tls.failed(endpoint, Object.assign(error, { code: HANDSHAKE_TIMEOUT }), socket)
        : error;
    // Before the session's own listener. With TLS 1.3 the server refuses a client's certificate after `connect`.
    socket.prependOnceListener('error', (error) => {
      if (this.#established) return;
      this.#error ??= tls.failed(endpoint, error, socket);
      // Node leaves the socket open after an alert, and its session without an end.
      socket.destroy();
    });
    this.#session.once('connect', () => {
      if (this.#session.destroyed) return;
      tls.connected(endpoint, socket);
      if (this.#session.alpnProtocol === 'h2') return;
      const error = Object.assign(new Error('the server does not speak HTTP/2 (ALPN)'), { code: NO_HTTP2 });
      this.destroy(tls.failed(endpoint, error, socket));
    });
    this.#session.once('close', () => {
      if (!this.#established && this.#error === null && this.#socket !== null) tls.closedEarly(endpoint);
    });
  }

  #listen(): void {
    const session = this.#session;
    session.once('connect', (_session, socket) => {
      this.#socket = socket;
      // Destroyed while it connected.
      if (session.destroyed) socket.destroy();
      else session.setLocalWindowSize(CONNECTION_WINDOW);
    });
    session.on('remoteSettings', ({ maxConcurrentStreams }) => {
      this.#limit = maxConcurrentStreams ?? Number.POSITIVE_INFINITY;
      if (this.#phase === 'connecting') this.#ready();
      this.#events.onRoom();
    });
    // Sent twice by servers that shut down gracefully: with the highest possible stream id, then with the real one.
    session.on('goaway', (_code, lastStreamId) => {
      this.#lastTaken = lastStreamId;
      if (this.#phase === 'ready') this.#drain();
    });
    session.on('error', (error: Error) => {
      this.#error ??= error;
    });
    session.once('close', () => {
      this.#phase = 'gone';
      this.#timer.cancel();
      this.#keepalive.stop();
      this.#events.onGone(this.#error ?? new Error('the server closed the connection'));
    });
  }

  #ready(): void {
    const { clock, connectionAgeMs, random } = this.#options;
    this.#phase = 'ready';
    this.#established = true;
    this.#timer.cancel();
    this.#session.unref();
    this.#keepalive.start();
    if (connectionAgeMs === Number.POSITIVE_INFINITY) return;
    this.#timer = clock.after(connectionAgeMs * (1 - AGE_JITTER + 2 * AGE_JITTER * random()), () => this.close());
  }
}
