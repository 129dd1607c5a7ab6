import fc from 'fast-check';
import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/manual-clock.ts';
import type { Permit, Standing } from '../circuits.ts';
import type { Verdict } from '../classify.ts';
import type { CircuitState } from '../events.ts';
import { UNSTEERED } from '../steering.ts';
import type { CircuitSettings } from '../traffic.ts';
import { circuitsOf } from './circuits.ts';

/** What a circuit promises, put another way: one bag of facts, and a log of every outcome instead of a window. */
class Reference {
  readonly set: CircuitSettings;
  state: CircuitState = 'closed';
  epoch = 0;
  log: { readonly slice: number; readonly bad: boolean }[] = [];
  row = 0;
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
    if (state === 'closed') Object.assign(this, { row: 0, penalty: 0, silence: 0 });
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
  end(epoch: number, verdict: Verdict, now: number) {
    const wish = verdict.is === 'throttled' ? Math.min(verdict.retryAfterMs ?? 0, 300_000) : 0;
    if (this.state === 'open' && wish > 0 && (epoch === this.epoch || this.asked)) {
      if (now + wish > this.until) Object.assign(this, { until: now + wish, asked: true });
      return;
    }
    if (epoch !== this.epoch) return;
    if (wish > 0) return this.go('open', now + wish, true);
    this.out -= 1;
    this.freed = now;
    if (verdict.is === 'success') this.well(now);
    else if (verdict.is !== 'nothing') this.unwell(verdict.is === 'failure', now);
  }
  well(now: number) {
    this.row = 0;
    this.silence = 0;
    this.good += 1;
    if (this.state === 'closed') this.log.push({ slice: this.slice(now), bad: false });
    else if (this.state === 'open' || this.good >= this.set.successesToClose) this.go('closed');
  }
  unwell(silent: boolean, now: number) {
    if (this.state === 'closed' && !silent) return;
    this.row += silent ? 1 : 0;
    if (this.state === 'half-open' && silent) this.fail(now, this.silence && 2);
    else if (this.state === 'half-open') this.go('open', now + this.set.openMs);
    if (this.state !== 'closed') return;
    this.log.push({ slice: this.slice(now), bad: true });
    const recent = this.log.filter(({ slice }) => slice > this.slice(now) - 10);
    const share = recent.filter(({ bad }) => bad).length / recent.length;
    if (this.row >= this.set.consecutiveFailures) this.fail(now, 1);
    else if (recent.length >= this.set.minCalls && share >= this.set.failureRatio) this.fail(now, 0);
  }
  slice(now: number): number {
    return Math.floor((now * 10) / this.set.windowMs);
  }
  standing(isRead: boolean, now: number): Standing {
    if (this.state === 'closed') return 'admitted';
    if (this.state === 'open' && this.asked && now < this.until) return 'paused';
    const patience = isRead ? 0 : this.set.openMs;
    if (this.state === 'open' && now >= this.until + patience) return 'admitted';
    const hasRoom = this.state === 'half-open' && this.out < this.set.halfOpenProbes;
    if (hasRoom && now >= this.freed + patience) return 'admitted';
    return this.silence === 2 || this.row >= 4 * this.set.consecutiveFailures ? 'dead' : 'ejected';
  }
}

type Step =
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'begin'; readonly isRead: boolean; readonly anyway: boolean }
  | { readonly do: 'end'; readonly which: number; readonly verdict: Verdict };

const is = <T extends string>(word: T) => fc.constant({ is: word } as const);
const verdicts: fc.Arbitrary<Verdict> = fc.oneof(
  { weight: 4, arbitrary: is('failure') },
  { weight: 3, arbitrary: is('success') },
  { weight: 1, arbitrary: is('nothing') },
  {
    weight: 2,
    arbitrary: fc.record({
      is: fc.constant('throttled' as const),
      retryAfterMs: fc.constantFrom(null, 0, 50, 400, 9e9),
    }),
  },
);
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 50, 99, 100, 300, 900, 300_000) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('begin' as const), isRead: fc.boolean(), anyway: fc.boolean() }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(9), verdict: verdicts }) },
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

const ROUTE = 'GET /things/{id}';

test('over any sequence of events it is what the reference model is', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(settings, fc.array(steps, { minLength: 20, maxLength: 80 }), (set, sequence) => {
      const clock = manualClock();
      const real = circuitsOf(set, { clock, random: () => 0, report: () => {}, steering: UNSTEERED }, 'http://a');
      const model = new Reference(set);
      const out: { readonly permit: Permit; readonly epoch: number }[] = [];
      for (const step of sequence) {
        if (step.do === 'wait') clock.advance(step.ms);
        else if (step.do === 'begin') {
          if (step.anyway || real.standing(ROUTE, step.isRead) === 'admitted')
            out.push({ permit: real.begin(ROUTE), epoch: model.begin(clock.now()) });
        } else
          for (const { permit, epoch } of out.splice(step.which, 1)) {
            permit.end(step.verdict);
            model.end(epoch, step.verdict, clock.now());
          }
        const now = clock.now();
        const standings = [real.standing(ROUTE, true), real.standing(ROUTE, false)];
        const opensForMs = model.state === 'open' ? Math.max(0, model.until - now) : null;
        const is = [standings, real.snapshot()];
        const should = [
          [model.standing(true, now), model.standing(false, now)],
          [{ route: null, state: model.state, failures: model.row, opensForMs }],
        ];
        // Compared as text first: half a million expectations would take longer than all the rest.
        if (JSON.stringify(is) !== JSON.stringify(should)) expect(is).toEqual(should);
        seen.add(`${model.state} ${standings}`);
      }
    }),
    { numRuns: 10_000 },
  );
  // Not of use unless the sequences go everywhere.
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
