import type { Member } from '../endpoints/member.ts';
import type { ReportSettings } from './load-options.ts';
import type { LoadReport } from './load-report.ts';

interface ReportedWeight {
  readonly weight: number;
  /** Time of the first report without a gap of `expirationMs`. */
  readonly since: number;
  readonly updatedAt: number;
}

/**
 * Weights of the endpoints of one upstream, from their load reports: gRPC's `weighted_round_robin` (gRFC A58).
 *
 * The weight is the calls per second that the endpoint would serve at full utilization. A report counts once reports
 * have arrived for `blackoutMs`, and until none has arrived for `expirationMs`.
 */
export class ReportedWeights {
  readonly #settings: ReportSettings;
  readonly #weights = new WeakMap<Member, ReportedWeight>();

  constructor(settings: ReportSettings) {
    this.#settings = settings;
  }

  /** Adds a report. One without utilization or calls says nothing. */
  take(member: Member, { utilization, qps, eps }: LoadReport, now: number): void {
    if (utilization === 0 || qps === 0) return;
    const known = this.#weights.get(member);
    const isContinued = known !== undefined && now - known.updatedAt < this.#settings.expirationMs;
    // More failed calls than calls are a fault of the report.
    const errorRatio = Math.min(eps / qps, 1);
    const weight = qps / (utilization + errorRatio * this.#settings.errorPenalty);
    this.#weights.set(member, { weight, since: isContinued ? known.since : now, updatedAt: now });
  }

  /** The weight in calls per second; 0 if unknown. */
  weightOf(member: Member, now: number): number {
    const known = this.#weights.get(member);
    if (known === undefined || now - known.updatedAt >= this.#settings.expirationMs) return 0;
    return now - known.since < this.#settings.blackoutMs ? 0 : known.weight;
  }

  /** Discards the reports of an endpoint, which may be another process. */
  reset(member: Member): void {
    this.#weights.delete(member);
  }
}
