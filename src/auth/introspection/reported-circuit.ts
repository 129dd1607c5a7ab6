import type { Clock } from '../../core/clock.ts';
import type { AuthLog } from '../auth-log.ts';
import { reasonOf } from '../discovery/fetch-json.ts';
import { IntrospectionCircuit } from './introspection-circuit.ts';

/** Minimum time between two reports of failures of single tokens: a client may have any number of them. */
const REPORT_MS = 60_000;

/** The circuit of an issuer's introspection endpoint, of which the log has the changes. */
export class ReportedCircuit {
  readonly #issuer: string;
  readonly #clock: Clock;
  readonly #log: AuthLog;
  readonly #circuit = new IntrospectionCircuit();
  #nextReport = Number.NEGATIVE_INFINITY;

  constructor(issuer: string, clock: Clock, log: AuthLog) {
    this.#issuer = issuer;
    this.#clock = clock;
    this.#log = log;
  }

  /** Admits a request: returns 0. Otherwise returns the milliseconds to wait. */
  admit(): number {
    return this.#circuit.admit(this.#clock.now());
  }

  succeeded(): void {
    if (this.#circuit.isOpen) this.#log.warn('The introspection of tokens works again.', { issuer: this.#issuer });
    this.#circuit.succeeded();
  }

  /** A failure that concerns all tokens. */
  failed(error: unknown): void {
    this.#count(error, (now) => this.#circuit.failed(now));
  }

  /** A failure that may concern one token of this network only. */
  failedFor(network: string, error: unknown): void {
    const now = this.#clock.now();
    if (now >= this.#nextReport) {
      this.#nextReport = now + REPORT_MS;
      this.#warn('The introspection of a token failed; it is answered with 503.', error);
    }
    this.#count(error, () => this.#circuit.failedFor(network, now));
  }

  #count(error: unknown, count: (now: number) => void): void {
    const wasOpen = this.#circuit.isOpen;
    count(this.#clock.now());
    if (wasOpen || !this.#circuit.isOpen) return;
    this.#warn('The introspection of tokens fails; unknown tokens are answered with 503.', error);
  }

  #warn(message: string, error: unknown): void {
    this.#log.warn(message, { issuer: this.#issuer, reason: reasonOf(error) });
  }
}
