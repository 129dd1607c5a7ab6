import { type Clock, type Timer, wallTime } from '../../core/clock.ts';
import { type ExpiryEvent, ExpiryReports, type UsedDocument } from './expiry-reports.ts';

const CHECK_MS = 60_000;

export interface ExpiryWatchDependencies<Used extends UsedDocument> {
  readonly clock: Clock;
  /** Returns milliseconds since 1970. Default: the system's clock. */
  readonly wallTime?: () => number;
  readonly report: (event: ExpiryEvent<Used>) => void;
}

/** Reports certificates and revocation lists in use that expire soon: at each `check`, and every minute after the first one. */
export class ExpiryWatch<Used extends UsedDocument> {
  readonly #documents: () => readonly Used[];
  readonly #clock: Clock;
  readonly #wallTime: () => number;
  readonly #reports: ExpiryReports<Used>;
  #timer: Timer | null = null;
  #isClosed = false;

  constructor(documents: () => readonly Used[], dependencies: ExpiryWatchDependencies<Used>) {
    this.#documents = documents;
    this.#clock = dependencies.clock;
    this.#wallTime = dependencies.wallTime ?? wallTime;
    this.#reports = new ExpiryReports(dependencies.report);
  }

  /** Checks now. Call this after they have changed. */
  check(): void {
    this.#timer?.cancel();
    if (this.#isClosed) return;
    this.#reports.check(this.#documents(), this.#wallTime());
    this.#timer = this.#clock.after(CHECK_MS, () => this.check());
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }
}
