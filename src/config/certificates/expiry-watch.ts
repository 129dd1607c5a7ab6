import { type Clock, type Timer, wallTime } from '../../core/clock.ts';
import { type ExpiryEvent, ExpiryReports } from './expiry-reports.ts';
import type { UsedCertificate } from './used-certificate.ts';

const CHECK_MS = 60_000;

export interface ExpiryWatchDependencies {
  readonly clock: Clock;
  /** Returns milliseconds since 1970. Default: the system's clock. */
  readonly wallTime?: () => number;
  readonly report: (event: ExpiryEvent) => void;
}

/** Reports certificates in use that expire soon: at each `check`, and every minute after the first one. */
export class ExpiryWatch {
  readonly #certificates: () => readonly UsedCertificate[];
  readonly #clock: Clock;
  readonly #wallTime: () => number;
  readonly #reports: ExpiryReports;
  #timer: Timer | null = null;
  #isClosed = false;

  constructor(certificates: () => readonly UsedCertificate[], dependencies: ExpiryWatchDependencies) {
    this.#certificates = certificates;
    this.#clock = dependencies.clock;
    this.#wallTime = dependencies.wallTime ?? wallTime;
    this.#reports = new ExpiryReports(dependencies.report);
  }

  /** Checks now. Call this after certificates have changed. */
  check(): void {
    this.#timer?.cancel();
    if (this.#isClosed) return;
    this.#reports.check(this.#certificates(), this.#wallTime());
    this.#timer = this.#clock.after(CHECK_MS, () => this.check());
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }
}
