import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2';
import { connect } from 'node:http2';
import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import type { Clock, Timer } from '../../clock.ts';
import type { Endpoint } from '../endpoint.ts';

export interface ConnectionOptions {
  readonly clock: Clock;
  /** From the first packet to the server's SETTINGS. */
  readonly connectTimeoutMs: number;
  /** A connection on which a call was sent and nothing came back is tried with a PING this often. */
  readonly pingIntervalMs: number;
  /** How long a PING may stay unanswered before the peer counts as dead. */
  readonly pingTimeoutMs: number;
  /** A connection without calls for this long is closed. */
  readonly idleMs: number;
  /** Authorities and client certificate for `grpcs:`. */
  readonly tls: SecureContextOptions;
}

/** What happens to a connection, for whoever keeps it. */
export interface ConnectionEvents {
  /** Another stream may be opened: the connection was made, or a stream on it closed. */
  onRoom(): void;
  /** It takes no new streams; those it has go on. */
  onDraining(): void;
  /** It is closed, with everything on it. */
  onGone(error: Error): void;
}

/** Nobody waits for large answers to be acknowledged in 64 KiB steps. */
const STREAM_WINDOW = 1_048_576;
const CONNECTION_WINDOW = 4 * STREAM_WINDOW;

/** One HTTP/2 connection to an endpoint. It keeps the process alive only while it is being made or has streams. */
export class Connection {
  readonly #session: ClientHttp2Session;
  readonly #options: ConnectionOptions;
  readonly #events: ConnectionEvents;
  #timer: Timer;
  #socket: Socket | null = null;
  #phase: 'connecting' | 'ready' | 'draining' | 'gone' = 'connecting';
  #limit = 0;
  #streams = 0;
  #silent = false;
  #used = false;
  #lastUsed: number;
  #established = false;
  #error: Error | null = null;

  constructor(endpoint: Endpoint, options: ConnectionOptions, events: ConnectionEvents) {
    const secure = endpoint.url.protocol === 'grpcs:';
    this.#options = options;
    this.#events = events;
    this.#lastUsed = options.clock.now();
    this.#timer = options.clock.after(options.connectTimeoutMs, () =>
      this.destroy(new Error(`no HTTP/2 connection within ${options.connectTimeoutMs} ms`)),
    );
    this.#session = connect(`${secure ? 'https' : 'http'}://${endpoint.url.host}`, {
      ...options.tls,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW },
      // What is in memory is bounded by the cap on each answer; this one would refuse calls at random.
      maxSessionMemory: Number.MAX_SAFE_INTEGER,
    });
    this.#listen(secure);
  }

  get connecting(): boolean {
    return this.#phase === 'connecting';
  }

  /** Whether it was ever ready for calls. */
  get established(): boolean {
    return this.#established;
  }

  /** Whether it is gone, and its streams with it. */
  get lost(): boolean {
    return this.#session.destroyed;
  }

  /** Takes the right to open one stream, to be given back with `release`. False where the server allows no more. */
  reserve(): boolean {
    if (this.#phase !== 'ready' || this.#streams >= this.#limit || this.#session.closed || this.#session.destroyed)
      return false;
    this.#streams += 1;
    if (this.#streams === 1) this.#session.ref();
    return true;
  }

  /** Opens a reserved stream. Throws where the connection was lost in the meantime. */
  request(headers: OutgoingHttpHeaders): ClientHttp2Stream {
    this.#silent = true;
    this.#used = true;
    return this.#session.request(headers);
  }

  release(): void {
    this.#streams -= 1;
    if (this.#phase === 'gone') return;
    if (this.#streams === 0) this.#session.unref();
    if (this.#phase === 'draining') this.#leave();
    else this.#events.onRoom();
  }

  /** Something came from the server: the peer is alive. */
  heard(): void {
    this.#silent = false;
  }

  /** Ends it once its streams have ended. */
  close(): void {
    if (this.#phase === 'connecting') this.destroy(new Error('closed before it was connected'));
    else if (this.#phase === 'ready') this.#drain();
  }

  /** Ends it with its streams. */
  destroy(error: Error): void {
    this.#error ??= error;
    this.#session.destroy(error);
    this.#socket?.destroy();
  }

  #drain(): void {
    this.#phase = 'draining';
    this.#session.close();
    this.#events.onDraining();
    this.#leave();
  }

  #leave(): void {
    if (this.#streams > 0) return;
    this.#timer.cancel();
    // It has said goodbye, and waits for a server that may never close its side.
    this.#timer = this.#options.clock.after(this.#options.pingTimeoutMs, () => this.#socket?.destroy());
  }

  #listen(secure: boolean): void {
    const session = this.#session;
    session.once('connect', (_session, socket) => {
      this.#socket = socket;
      if (secure && session.alpnProtocol !== 'h2') this.destroy(new Error('the server does not speak HTTP/2 (ALPN)'));
      else session.setLocalWindowSize(CONNECTION_WINDOW);
    });
    session.on('remoteSettings', ({ maxConcurrentStreams }) => {
      this.#limit = maxConcurrentStreams ?? Number.POSITIVE_INFINITY;
      if (this.#phase === 'connecting') this.#ready();
      this.#events.onRoom();
    });
    session.once('goaway', () => {
      if (this.#phase === 'ready') this.#drain();
    });
    session.on('error', (error: Error) => {
      this.#error ??= error;
    });
    session.once('close', () => {
      this.#phase = 'gone';
      this.#timer.cancel();
      this.#events.onGone(this.#error ?? new Error('the server closed the connection'));
    });
  }

  #ready(): void {
    this.#phase = 'ready';
    this.#established = true;
    this.#timer.cancel();
    this.#session.unref();
    this.#check();
  }

  #check(): void {
    const { clock, pingIntervalMs, idleMs } = this.#options;
    this.#timer = clock.after(pingIntervalMs, () => {
      if (this.#session.destroyed) return;
      if (this.#used || this.#streams > 0) this.#lastUsed = clock.now();
      this.#used = false;
      if (this.#silent) this.#ping();
      else if (clock.now() - this.#lastUsed >= idleMs) this.close();
      else this.#check();
    });
  }

  #ping(): void {
    const { clock, pingTimeoutMs } = this.#options;
    this.#timer = clock.after(pingTimeoutMs, () => this.destroy(new Error('the peer does not answer PING')));
    this.#session.ping((error) => {
      // An error here is that of a session which is closing; its own events tell the rest.
      if (error !== null || this.#session.destroyed || (this.#phase === 'draining' && this.#streams === 0)) return;
      this.#timer.cancel();
      this.heard();
      this.#check();
    });
  }
}
