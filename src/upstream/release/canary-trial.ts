import type { LayerDependencies } from '../events.ts';
import { LatencyHistogram } from '../hedge/latency-histogram.ts';
import type { Outcome } from '../outcome.ts';
import type { Weights } from '../routing/route-options.ts';
import type { CanarySettings } from './canary-options.ts';
import { RatioTest } from './ratio-test.ts';

/** Evidence that stops a canary. Two tests, of errors and of latency, with a false alarm in at most 1 of 200 each. */
const ENOUGH = 200;
/** Weight of the configured share against the counted one, in calls. */
const PRIOR_CALLS = 100;
/** Share of the baseline's calls that are not slow. */
const NOT_SLOW = 0.9;
const MIN_LATENCIES = 100;
/** Calls of the baseline after which the limit of slow calls is computed again. */
const LIMIT_EVERY = 50;

const FAILED: ReadonlySet<Outcome['is']> = new Set<Outcome['is']>(['error', 'failure', 'throttled']);

interface Counts {
  calls: number;
  failed: number;
}

const none = (): { canary: Counts; baseline: Counts } => ({
  canary: { calls: 0, failed: 0 },
  baseline: { calls: 0, failed: 0 },
});

/** Difference of the shares of failed calls. */
const gapOf = ({ canary, baseline }: ReturnType<typeof none>): number =>
  canary.failed / Math.max(canary.calls, 1) - baseline.failed / Math.max(baseline.calls, 1);

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

export type TrialState = 'running' | 'stopped' | 'completed';

/** State of a canary for operators. */
export interface TrialSnapshot {
  readonly subset: string;
  readonly state: TrialState;
  readonly weights: Weights;
  readonly calls: number;
  readonly failed: number;
  readonly baselineCalls: number;
  readonly baselineFailed: number;
}

/**
 * A canary and its baseline: the first attempts of the calls of one route.
 *
 * The canary's weight becomes 0 if, after `minCalls` of its calls, its share of failed calls is `errorGap` above the
 * baseline's and the sequential test of `RatioTest` excludes chance, or if more of its calls than of the baseline's are
 * slow: slower than nine tenths of the baseline's recent calls, for the canary plus `latencyGapMs`. It stays 0 until the
 * process restarts or an operator overrides the weights. With `steps`, the next one begins after `holdMs` and `minCalls`
 * calls of the canary in the step, unless the difference in the step reaches `errorGap`. Each gateway decides by its own
 * calls.
 */
export class CanaryTrial {
  readonly #settings: CanarySettings;
  readonly #baseline: string;
  readonly #dependencies: Pick<LayerDependencies, 'clock' | 'report'>;
  readonly #onChange: () => void;
  readonly #errors = new RatioTest();
  readonly #slow = new RatioTest();
  readonly #latencies = new LatencyHistogram();
  #limitMs = Number.POSITIVE_INFINITY;
  #limitIn = MIN_LATENCIES;
  #weights: Weights;
  #state: TrialState = 'running';
  #step = 0;
  #stepSince: number;
  readonly #inTrial = none();
  #inStep = none();

  /** `to` has the two subsets with their weights. `onChange` is called after each change of the weights. */
  constructor(
    settings: CanarySettings,
    to: Weights,
    dependencies: Pick<LayerDependencies, 'clock' | 'report'>,
    onChange: () => void,
  ) {
    this.#settings = settings;
    this.#baseline = Object.keys(to).find((name) => name !== settings.subset) ?? settings.subset;
    this.#dependencies = dependencies;
    this.#onChange = onChange;
    this.#stepSince = dependencies.clock.now();
    this.#weights = this.#weightsAt(settings.steps?.[0]) ?? to;
  }

  get weights(): Weights {
    return this.#weights;
  }

  snapshot(): TrialSnapshot {
    const { canary, baseline } = this.#inTrial;
    return {
      subset: this.#settings.subset,
      state: this.#state,
      weights: this.#weights,
      calls: canary.calls,
      failed: canary.failed,
      baselineCalls: baseline.calls,
      baselineFailed: baseline.failed,
    };
  }

  /** Counts the first attempt of a call in one of the two subsets. */
  observe(subset: string, { is }: Outcome, ms: number): void {
    if (this.#state !== 'running' || is === 'ignored' || is === 'quota') return;
    const isCanary = subset === this.#settings.subset;
    const share = this.#share();
    const isFailed = FAILED.has(is);
    for (const counts of [this.#inTrial, this.#inStep]) {
      const own = isCanary ? counts.canary : counts.baseline;
      own.calls += 1;
      if (isFailed) own.failed += 1;
    }
    if (isFailed) this.#errors.observe(isCanary, share);
    else this.#observeLatency(isCanary, ms, share);
    this.#decide();
  }

  /** Share of the canary's calls: the counted one, and the configured one as long as there are few calls. */
  #share(): number {
    const { canary, baseline } = this.#inStep;
    const own = this.#weights[this.#settings.subset] ?? 0;
    const configured = own / (own + (this.#weights[this.#baseline] ?? 0));
    const share = (canary.calls + configured * PRIOR_CALLS) / (canary.calls + baseline.calls + PRIOR_CALLS);
    return Math.min(Math.max(share, 0.001), 0.999);
  }

  #observeLatency(isCanary: boolean, ms: number, share: number): void {
    const { latencyGapMs } = this.#settings;
    if (latencyGapMs === undefined) return;
    // The limit is of earlier calls only: the test requires it.
    if (ms > this.#limitMs + (isCanary ? latencyGapMs : 0)) this.#slow.observe(isCanary, share);
    if (isCanary) return;
    this.#latencies.observe(ms);
    this.#limitIn -= 1;
    if (this.#limitIn > 0) return;
    this.#limitIn = LIMIT_EVERY;
    this.#limitMs = this.#latencies.quantile(NOT_SLOW);
  }

  #decide(): void {
    const { minCalls, errorGap, latencyGapMs, steps } = this.#settings;
    const { canary, baseline } = this.#inTrial;
    if (canary.calls < minCalls) return;
    if (this.#errors.evidence >= ENOUGH && gapOf(this.#inTrial) >= errorGap) {
      const [own, other] = [canary, baseline].map(({ failed, calls }) => percent(failed / Math.max(calls, 1)));
      this.#stop(`${own} of ${canary.calls} calls failed, ${other} of ${baseline.calls} of ${this.#baseline}`);
    } else if (this.#slow.evidence >= ENOUGH)
      this.#stop(`more calls take over ${Math.round(this.#limitMs)} ms plus ${latencyGapMs} ms`);
    else if (steps !== undefined) this.#advance(steps);
  }

  #stop(reason: string): void {
    this.#state = 'stopped';
    this.#change('stopped', { [this.#baseline]: 1, [this.#settings.subset]: 0 }, reason);
  }

  #advance(steps: readonly number[]): void {
    const { holdMs, minCalls, errorGap } = this.#settings;
    const next = steps[this.#step + 1];
    const isHeld = this.#dependencies.clock.now() - this.#stepSince < holdMs || this.#inStep.canary.calls < minCalls;
    // The last step of 100 % has no calls of the baseline.
    const baseline = this.#inStep.baseline.calls < minCalls ? this.#inTrial.baseline : this.#inStep.baseline;
    if (isHeld || gapOf({ canary: this.#inStep.canary, baseline }) >= errorGap) return;
    const weights = this.#weightsAt(next);
    if (next === undefined || weights === null) {
      this.#state = 'completed';
      this.#change('completed', this.#weights, `${steps.at(-1)} % held`);
      return;
    }
    this.#step += 1;
    this.#stepSince = this.#dependencies.clock.now();
    this.#inStep = none();
    this.#change('advanced', weights, `${next} %`);
  }

  #weightsAt(step: number | undefined): Weights | null {
    return step === undefined ? null : { [this.#baseline]: 100 - step, [this.#settings.subset]: step };
  }

  #change(to: 'stopped' | 'advanced' | 'completed', weights: Weights, reason: string): void {
    this.#weights = weights;
    this.#onChange();
    this.#dependencies.report({ is: 'canary', subset: this.#settings.subset, to, reason });
  }
}
