import type { ClientHttp2Session } from 'node:http2';
import type { Clock, Timer } from '../../../core/clock.ts';

export interface KeepaliveOptions {
  readonly clock: Clock;
  /** Interval between PINGs on a connection with a call in flight and no frame from the server, in milliseconds. */
  readonly pingIntervalMs: number;
  /** Timeout of a PING in milliseconds. The connection is dead after it. */
  readonly pingTimeoutMs: number;
  /** Milliseconds without calls after which a connection is idle. */
  readonly idleMs: number;
}

/** The connection that the keepalive watches. */
export interface Watched {
  isBusy(): boolean;
  onIdle(): void;
  onDead(error: Error): void;
}

/** Keepalive of a connection: PINGs a silent server and closes an idle connection. */
export class Keepalive {
  readonly #session: ClientHttp2Session;
  readonly #options: KeepaliveOptions;
  readonly #watched: Watched;
  #timer: Timer | null = null;
  #stopped = false;
  #silent = false;
  #used = false;
  #lastUsed = 0;

  constructor(session: ClientHttp2Session, options: KeepaliveOptions, watched: Watched) {
    this.#session = session;
    this.#options = options;
    this.#watched = watched;
  }

  start(): void {
    this.#lastUsed = this.#options.clock.now();
    this.#check();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** Records that a call was sent. */
  sent(): void {
    this.#silent = true;
    this.#used = true;
  }

  /** Records a frame from the server: the peer is alive. */
  frameReceived(): void {
    this.#silent = false;
  }

  #check(): void {
    const { clock, pingIntervalMs, idleMs } = this.#options;
    this.#timer = clock.after(pingIntervalMs, () => {
      if (this.#used || this.#watched.isBusy()) this.#lastUsed = clock.now();
      this.#used = false;
      if (this.#silent) this.#ping();
      else if (clock.now() - this.#lastUsed >= idleMs) this.#watched.onIdle();
      else this.#check();
    });
  }

  #ping(): void {
    const { clock, pingTimeoutMs } = this.#options;
    this.#timer = clock.after(pingTimeoutMs, () => this.#watched.onDead(new Error('the peer does not answer PING')));
    this.#session.ping((error) => {
      // An error here comes from a closing session, which reports it through its own events.
      if (error !== null || this.#stopped) return;
      this.#timer?.cancel();
      this.frameReceived();
      this.#check();
    });
  }
}
