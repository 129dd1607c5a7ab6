import type { Member } from '../endpoints/member.ts';
import type { ProbeSettings } from './load-options.ts';
import type { LoadReport } from './load-report.ts';

/** The latest report of an endpoint. */
export interface Probed {
  readonly member: Member;
  readonly at: number;
  /** Calls in flight of all clients, as reported. */
  readonly inFlight: number;
  /** The gateway's own attempts in flight at that time. */
  readonly own: number;
  readonly latencyMs: number;
  /** Choices made with it. */
  uses: number;
}

/** Number of loads in the distribution. */
const WINDOW = 64;
/** The distribution is sorted again after this many samples. */
const SORT_EVERY = 8;

/** Calls in flight for each unit of weight: those reported, and the change of the gateway's own attempts since. */
export const loadOf = ({ member, inFlight, own }: Probed, weight: number): number =>
  Math.max(0, inFlight + member.inFlight - own) / weight;

/**
 * The latest load reports of at most `pool` endpoints of one upstream (Prequal, NSDI 2024). A report is dropped at its
 * age limit, after `uses` choices, when a later one of its endpoint arrives, and when the pool is full: in turn the one
 * of the highest load and the oldest one, so that endpoints that are never chosen do not fill the pool.
 */
export class ProbePool {
  readonly #settings: Pick<ProbeSettings, 'pool' | 'maxAgeMs' | 'uses' | 'quantile'>;
  /** The oldest first. */
  readonly #reports = new Map<Member, Probed>();
  readonly #loads: number[] = [];
  #next = 0;
  #threshold = 0;
  #dropsWorst = true;

  constructor(settings: Pick<ProbeSettings, 'pool' | 'maxAgeMs' | 'uses' | 'quantile'>) {
    this.#settings = settings;
  }

  get size(): number {
    return this.#reports.size;
  }

  /** Maximum number of reports. */
  get capacity(): number {
    return this.#settings.pool;
  }

  /** Adds a report. One without calls in flight says nothing. Without a latency, the gateway's own measurement counts. */
  take(member: Member, { inFlight, latencyMs }: LoadReport, now: number): void {
    if (inFlight === null) return;
    this.#reports.delete(member);
    if (this.#reports.size >= this.#settings.pool) this.#dropOne();
    this.#reports.set(member, {
      member,
      at: now,
      inFlight,
      own: member.inFlight,
      latencyMs: latencyMs ?? member.latency.measured ?? 0,
      uses: 0,
    });
  }

  /** The report of an endpoint; null without one that can be used. */
  of(member: Member, now: number): Probed | null {
    const report = this.#reports.get(member);
    if (report === undefined) return null;
    if (now - report.at < this.#settings.maxAgeMs && report.uses < this.#settings.uses) return report;
    this.#reports.delete(member);
    return null;
  }

  reset(member: Member): void {
    this.#reports.delete(member);
  }

  /** The load above which an endpoint is hot: a quantile of the recently sampled loads. */
  get threshold(): number {
    return this.#threshold;
  }

  /**
   * Adds the load of an endpoint drawn by weight to the distribution. Samples of all reports would overstate busy
   * endpoints, which send the most answers.
   */
  sample(load: number): void {
    this.#loads[this.#next % WINDOW] = load;
    this.#next += 1;
    if (this.#next % SORT_EVERY > 0 && this.#next > SORT_EVERY) return;
    const sorted = this.#loads.toSorted((one, other) => one - other);
    this.#threshold = sorted[Math.floor(this.#settings.quantile * sorted.length)] ?? 0;
  }

  #dropOne(): void {
    let dropped: Probed | null = null;
    for (const report of this.#reports.values()) {
      if (
        dropped === null ||
        loadOf(report, report.member.endpoint.weight) > loadOf(dropped, dropped.member.endpoint.weight)
      )
        dropped = report;
      if (!this.#dropsWorst) break;
    }
    this.#dropsWorst = !this.#dropsWorst;
    if (dropped !== null) this.#reports.delete(dropped.member);
  }
}
