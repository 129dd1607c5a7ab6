import fc from 'fast-check';
import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import type { CircuitState } from '../events.ts';
import { NO_OVERRIDES } from '../operations/active-overrides.ts';
import type { CircuitSettings } from '../options.ts';
import type { Outcome } from '../outcome.ts';
import type { Admission, Permit } from './circuit.ts';
import { circuitsOf } from './endpoint-circuits.ts';

interface From {
  readonly route: string;
  readonly caller: string;
}

/** Number of distinct routes or callers. */
const distinct = (all: readonly { readonly from: From }[], of: keyof From): number =>
  new Set(all.map(({ from }) => from[of])).size;

/** Reference model of a circuit: plain fields, and a log of every outcome instead of a window. */
class Reference {
  readonly set: CircuitSettings;
  state: CircuitState = 'closed';
  epoch = 0;
  log: { readonly slice: number; readonly bad: boolean; readonly from: From }[] = [];
  /** Failures in a row, each by its origin. */
  row: From[] = [];
  /** Failures and errors in a row, each by its origin. */
  bad: From[] = [];
  until = 0;
  penalty = 0;
  asked = false;
  silence = 0;
  out = 0;
  good = 0;
  freed = 0;
  constructor(set: CircuitSettings) {
    this.set = set;
  }
  go(state: CircuitState, until = 0, asked = false) {
    Object.assign(this, { state, until, asked, epoch: this.epoch + 1, log: [], out: 0, good: 0 });
    if (state === 'closed') Object.assign(this, { row: [], bad: [], penalty: 0, silence: 0 });
  }
  fail(now: number, silence: number) {
    this.go('open', now + Math.min(this.set.openMs * 2 ** this.penalty, this.set.maxOpenMs));
    this.penalty += 1;
    this.silence = silence;
  }
  begin(now: number): number {
    if (this.state === 'open' && now >= this.until) this.go('half-open');
    this.out += 1;
    this.freed = now;
    return this.epoch;
  }
  end(epoch: number, outcome: Outcome, from: From, now: number) {
    const wish = outcome.is === 'throttled' ? Math.min(outcome.retryAfterMs ?? 0, 300_000) : 0;
    if (this.state === 'open' && wish > 0 && (epoch === this.epoch || this.asked)) {
      if (now + wish > this.until) Object.assign(this, { until: now + wish, asked: true });
      return;
    }
    if (epoch !== this.epoch) return;
    if (wish > 0) return this.go('open', now + wish, true);
    this.out -= 1;
    this.freed = now;
    if (outcome.is === 'success') this.well(from, now);
    else if (outcome.is === 'throttled') this.busy(now);
    else if (outcome.is === 'error' || outcome.is === 'failure') this.unwell(outcome.is === 'failure', from, now);
  }
  well(from: From, now: number) {
    this.row = [];
    this.bad = [];
    this.silence = 0;
    this.good += 1;
    if (this.state === 'closed') this.log.push({ slice: this.slice(now), bad: false, from });
    else if (this.state === 'open' || this.good >= this.set.successesToClose) this.go('closed');
  }
  busy(now: number) {
    if (this.state === 'half-open') this.go('open', now + this.set.openMs);
  }
  unwell(silent: boolean, from: From, now: number) {
    if (silent) this.row.push(from);
    else Object.assign(this, { row: [], silence: 0 });
    if (this.state === 'half-open') return this.fail(now, this.silence && 2);
    if (this.state !== 'closed') return;
    this.bad.push(from);
    this.log.push({ slice: this.slice(now), bad: true, from });
    const recent = this.log.filter(({ slice }) => slice > this.slice(now) - 10);
    const failed = recent.filter(({ bad }) => bad);
    const share = Math.min(
      failed.length / recent.length,
      distinct(failed, 'route') / distinct(recent, 'route'),
      distinct(failed, 'caller') / distinct(recent, 'caller'),
    );
    if (silent && this.row.length >= this.set.consecutiveFailures) this.fail(now, 1);
    else if (this.bad.length >= this.set.consecutiveFailures && this.isBroad(recent)) this.fail(now, 0);
    else if (recent.length >= this.set.minCalls && share >= this.set.failureRatio) this.fail(now, 0);
  }
  slice(now: number): number {
    return Math.floor((now * 10) / this.set.windowMs);
  }
  /** True if the run has several routes and callers, as far as there are several. */
  isBroad(recent: Reference['log']): boolean {
    const run = this.bad.map((from) => ({ from }));
    const isOf = (of: keyof From) => distinct(run, of) > 1 || distinct(recent, of) === 1;
    return isOf('route') && isOf('caller');
  }
  /**
   * True if the failures in a row are evidence about attempts of this origin: they come from it alone, or from several.
   */
  concerns(from: From): boolean {
    const all = this.row.map((one) => ({ from: one }));
    const isOf = (of: keyof From) => distinct(all, of) > 1 || this.row[0]?.[of] === from[of];
    return isOf('route') && isOf('caller');
  }
  admission(isRead: boolean, from: From, now: number): Admission {
    if (this.state === 'closed') return 'admitted';
    if (this.state === 'open' && this.asked && now < this.until) return 'paused';
    const probeDelay = isRead ? 0 : this.set.openMs;
    if (this.state === 'open' && now >= this.until + probeDelay) return 'admitted';
    const hasRoom = this.state === 'half-open' && this.out < this.set.halfOpenProbes;
    if (hasRoom && now >= this.freed + probeDelay) return 'admitted';
    const silent = this.silence === 2 || this.row.length >= 4 * this.set.consecutiveFailures;
    return silent && this.concerns(from) ? 'dead' : 'ejected';
  }
}

type Step =
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'begin'; readonly isRead: boolean; readonly anyway: boolean; readonly from: From }
  | { readonly do: 'end'; readonly which: number; readonly outcome: Outcome };

const is = <T extends string>(word: T) => fc.constant({ is: word } as const);
const outcomes: fc.Arbitrary<Outcome> = fc.oneof(
  { weight: 4, arbitrary: is('failure') },
  { weight: 3, arbitrary: is('success') },
  { weight: 1, arbitrary: is('ignored') },
  { weight: 2, arbitrary: is('error') },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('quota' as const), retryAfterMs: fc.constantFrom(null, 50) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      is: fc.constant('throttled' as const),
      retryAfterMs: fc.constantFrom(null, 0, 50, 400, 9e9),
    }),
  },
);
const origins: fc.Arbitrary<From> = fc.record({
  route: fc.oneof({ weight: 3, arbitrary: fc.constant('GET /things') }, fc.constantFrom('GET /parts', 'POST /things')),
  caller: fc.oneof({ weight: 3, arbitrary: fc.constant('ann') }, fc.constantFrom('ben', 'eve')),
});
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 50, 99, 100, 300, 900, 300_000) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('begin' as const),
      isRead: fc.boolean(),
      anyway: fc.boolean(),
      from: origins,
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(9), outcome: outcomes }) },
);
const settings: fc.Arbitrary<CircuitSettings> = fc.record({
  consecutiveFailures: fc.integer({ min: 1, max: 4 }),
  failureRatio: fc.constantFrom(0.3, 0.6, 1),
  minCalls: fc.integer({ min: 1, max: 6 }),
  windowMs: fc.constantFrom(100, 1_000),
  openMs: fc.constant(100),
  maxOpenMs: fc.constantFrom(100, 300, 1_600),
  halfOpenProbes: fc.integer({ min: 1, max: 3 }),
  successesToClose: fc.integer({ min: 1, max: 3 }),
  per: fc.constant('endpoint' as const),
});

const ANN: From = { route: 'GET /things', caller: 'ann' };
const EVE: From = { route: 'GET /things', caller: 'eve' };

test('any sequence of events leads to the same state as in the reference model', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(settings, fc.array(steps, { minLength: 20, maxLength: 80 }), (set, sequence) => {
      const clock = manualClock();
      const real = circuitsOf(set, { clock, random: () => 0, report: () => {}, overrides: NO_OVERRIDES }, 'http://a');
      const model = new Reference(set);
      const out: { readonly permit: Permit; readonly epoch: number; readonly from: From }[] = [];
      const admission = (isRead: boolean, { route, caller }: From) => real.admission(route, isRead, caller);
      for (const step of sequence) {
        if (step.do === 'wait') clock.advance(step.ms);
        else if (step.do === 'begin') {
          const { isRead, anyway, from } = step;
          if (anyway || admission(isRead, from) === 'admitted')
            out.push({ permit: real.begin(from.route, from.caller), epoch: model.begin(clock.now()), from });
        } else
          for (const { permit, epoch, from } of out.splice(step.which, 1)) {
            permit.end(step.outcome);
            model.end(epoch, step.outcome, from, clock.now());
          }
        const now = clock.now();
        const admissions = [admission(true, ANN), admission(false, ANN), admission(true, EVE)];
        const opensForMs = model.state === 'open' ? Math.max(0, model.until - now) : null;
        const is = [admissions, real.snapshot()];
        const should = [
          [model.admission(true, ANN, now), model.admission(false, ANN, now), model.admission(true, EVE, now)],
          [{ route: null, state: model.state, failures: model.row.length, opensForMs }],
        ];
        // Compared as text first: half a million expectations would dominate the run time.
        if (JSON.stringify(is) !== JSON.stringify(should)) expect(is).toEqual(should);
        seen.add(`${model.state} ${admissions.slice(0, 2)}`);
      }
    }),
    { numRuns: 10_000 },
  );
  // The sequences must cover every state to be useful.
  expect([...seen].sort()).toEqual([
    'closed admitted,admitted',
    'half-open admitted,admitted',
    'half-open admitted,dead',
    'half-open admitted,ejected',
    'half-open dead,dead',
    'half-open ejected,ejected',
    'open admitted,admitted',
    'open admitted,dead',
    'open admitted,ejected',
    'open dead,dead',
    'open ejected,ejected',
    'open paused,paused',
  ]);
});
