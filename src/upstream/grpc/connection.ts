import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import type { Timer } from '../../clock.ts';
import type { Endpoint } from '../endpoint.ts';
import { CONNECTION_WINDOW, dial, isSecure } from './dial.ts';
import { Pulse, type PulseOptions } from './pulse.ts';

export interface ConnectionOptions extends PulseOptions {
  /** From the first packet to the server's SETTINGS. */
  readonly connectTimeoutMs: number;
  /** After this many calls it takes no more. */
  readonly callsPerConnection: number;
  /** At this age it takes no more calls, a tenth earlier or later. */
  readonly connectionAgeMs: number;
  /** From 0 to 1. */
  readonly random: () => number;
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

/** Not all are of one age, so that they are not all replaced at one time. */
const AGE_JITTER = 0.1;

/** One HTTP/2 connection to an endpoint. It keeps the process alive only while it is being made or has streams. */
export class Connection {
  readonly #session: ClientHttp2Session;
  readonly #options: ConnectionOptions;
  readonly #events: ConnectionEvents;
  readonly #pulse: Pulse;
  /** Until it is ready, that of connecting; then that of its age; at last that of saying goodbye. */
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

  constructor(endpoint: Endpoint, options: ConnectionOptions, events: ConnectionEvents) {
    this.#options = options;
    this.#events = events;
    this.#timer = options.clock.after(options.connectTimeoutMs, () =>
      this.destroy(new Error(`no HTTP/2 connection within ${options.connectTimeoutMs} ms`)),
    );
    this.#session = dial(endpoint, options.tls);
    this.#pulse = new Pulse(this.#session, options, {
      isBusy: () => this.#streams > 0,
      onIdle: () => this.close(),
      onDead: (error) => this.destroy(error),
    });
    this.#listen(isSecure(endpoint));
  }

  get connecting(): boolean {
    return this.#phase === 'connecting';
  }

  /** Whether it takes no new streams, while those it has go on. */
  get draining(): boolean {
    return this.#phase === 'draining';
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
    this.#calls += 1;
    if (this.#streams === 1) this.#session.ref();
    if (this.#calls >= this.#options.callsPerConnection) this.#phase = 'draining';
    return true;
  }

  /** Opens a reserved stream. Throws where the connection was lost in the meantime. */
  request(headers: readonly string[]): ClientHttp2Stream {
    this.#pulse.sent();
    return this.#session.request(headers);
  }

  release(): void {
    this.#streams -= 1;
    if (this.#phase === 'gone') return;
    if (this.#streams === 0) this.#session.unref();
    if (this.#phase === 'draining') this.#leave();
    else this.#events.onRoom();
  }

  /** Something came from the server. */
  heard(): void {
    this.#served = true;
    this.#pulse.heard();
  }

  /** Whether the server has answered a call on it. */
  get served(): boolean {
    return this.#served;
  }

  /** Whether the server has said, with GOAWAY, that it never began with this stream, or the stream never left. */
  leftOut({ id }: ClientHttp2Stream): boolean {
    return id === undefined || id > this.#lastTaken;
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
    this.#events.onDraining();
    this.#leave();
  }

  // Not before the last stream has ended: a session that is closing opens none, not even one that was reserved.
  #leave(): void {
    if (this.#streams > 0) return;
    this.#pulse.stop();
    this.#timer.cancel();
    this.#session.close();
    // It has said goodbye, and waits for a server that may never close its side.
    this.#timer = this.#options.clock.after(this.#options.pingTimeoutMs, () => this.#socket?.destroy());
  }

  #listen(secure: boolean): void {
    const session = this.#session;
    session.once('connect', (_session, socket) => {
      this.#socket = socket;
      // Given up in the same moment.
      if (session.destroyed) socket.destroy();
      else if (secure && session.alpnProtocol !== 'h2')
        this.destroy(new Error('the server does not speak HTTP/2 (ALPN)'));
      else session.setLocalWindowSize(CONNECTION_WINDOW);
    });
    session.on('remoteSettings', ({ maxConcurrentStreams }) => {
      this.#limit = maxConcurrentStreams ?? Number.POSITIVE_INFINITY;
      if (this.#phase === 'connecting') this.#ready();
      this.#events.onRoom();
    });
    // Once with the highest number there is, and once more with the real one, by servers that are careful.
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
      this.#pulse.stop();
      this.#events.onGone(this.#error ?? new Error('the server closed the connection'));
    });
  }

  #ready(): void {
    const { clock, connectionAgeMs, random } = this.#options;
    this.#phase = 'ready';
    this.#established = true;
    this.#timer.cancel();
    this.#session.unref();
    this.#pulse.start();
    if (connectionAgeMs === Number.POSITIVE_INFINITY) return;
    this.#timer = clock.after(connectionAgeMs * (1 - AGE_JITTER + 2 * AGE_JITTER * random()), () => this.close());
  }
}
