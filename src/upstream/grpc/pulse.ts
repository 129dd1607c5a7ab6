import type { ClientHttp2Session } from 'node:http2';
import type { Clock, Timer } from '../../clock.ts';

export interface PulseOptions {
  readonly clock: Clock;
  /** A connection on which a call was sent and nothing came back is tried with a PING this often. */
  readonly pingIntervalMs: number;
  /** How long a PING may stay unanswered before the peer counts as dead. */
  readonly pingTimeoutMs: number;
  /** A connection without calls for this long is idle. */
  readonly idleMs: number;
}

/** Whoever has the connection that is watched. */
export interface Watched {
  isBusy(): boolean;
  onIdle(): void;
  onDead(error: Error): void;
}

/** Watches over a connection: PING where it is silent, an end where nobody uses it. */
export class Pulse {
  readonly #session: ClientHttp2Session;
  readonly #options: PulseOptions;
  readonly #watched: Watched;
  #timer: Timer | null = null;
  #stopped = false;
  #silent = false;
  #used = false;
  #lastUsed = 0;

  constructor(session: ClientHttp2Session, options: PulseOptions, watched: Watched) {
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

  /** A call was sent. */
  sent(): void {
    this.#silent = true;
    this.#used = true;
  }

  /** Something came from the server: the peer is alive. */
  heard(): void {
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
      // An error here is that of a session which is closing; its own events tell the rest.
      if (error !== null || this.#stopped) return;
      this.#timer?.cancel();
      this.heard();
      this.#check();
    });
  }
}
