import type { Member } from '../endpoints/member.ts';
import type { LayerDependencies } from '../events.ts';
import type { BalanceSettings } from '../options.ts';
import { reportIn } from './load-report.ts';
import { Probes, type ProbeTransport } from './probes.ts';
import { ReportStreams } from './report-streams.ts';
import { ReportedWeights } from './reported-weights.ts';

/** The loads that the endpoints of one upstream report, for the policies that use them. */
export class EndpointLoads {
  readonly probes: Probes;
  readonly weights: ReportedWeights;
  /** True if the policy of the upstream uses reports in answers. */
  readonly areInAnswers: boolean;
  readonly #streams: ReportStreams | null;

  /** Without a transport, nothing is sent. */
  constructor(
    { policy, probes, reports }: Pick<BalanceSettings, 'policy' | 'probes' | 'reports'>,
    dependencies: LayerDependencies,
    transport: ProbeTransport | null = null,
  ) {
    const isOutOfBand = policy === 'load-reports' && reports.outOfBandMs > 0;
    this.probes = new Probes(probes, dependencies, transport);
    this.weights = new ReportedWeights(reports);
    this.areInAnswers = policy === 'probing' || (policy === 'load-reports' && !isOutOfBand);
    this.#streams =
      isOutOfBand && transport?.protocol === 'grpc'
        ? new ReportStreams({
            intervalMs: reports.outOfBandMs,
            send: transport.send,
            weights: this.weights,
            dependencies,
          })
        : null;
  }

  /** Opens streams of reports to new members, and ends those to members that are no longer in the list. */
  follow(members: readonly Member[]): void {
    this.#streams?.follow(members);
  }

  /** Reads the report in the headers or trailers of an answer. */
  answered(member: Member, headers: Readonly<Record<string, string>>, now: number): void {
    const report = reportIn(headers);
    if (report === null) return;
    this.probes.pool.take(member, report, now);
    this.weights.take(member, report, now);
  }

  /** Discards what an endpoint has reported: it may be another process. */
  reset(member: Member): void {
    this.probes.pool.reset(member);
    this.weights.reset(member);
  }

  stop(): void {
    this.probes.stop();
    this.#streams?.stop();
  }
}
