import { loadOf, type Probed, type ProbePool } from '../../load/probe-pool.ts';
import type { Probes } from '../../load/probes.ts';
import type { Candidate, Choice, Choose } from '../candidate.ts';
import { dueForProbe, isFirstTry, peakEwmaOfTwo } from './two-choices.ts';

/** Number of draws by weight that are compared. A small weight bounds the share of an endpoint to that many times it. */
const DRAWS = 5;
/** Smaller differences in latency are noise, which must not distort the shares. */
const MARGIN = 0.8;
/** A healthy endpoint without attempts for this long receives the next call: only calls measure its latency. */
const STARVED_MS = 10_000;

/** A candidate with a report. */
interface Known {
  readonly candidate: Candidate;
  readonly report: Probed;
  /** Weight in the draw. */
  readonly weight: number;
  /** Calls in flight for each unit of weight. Infinite after a failure: what fails quickly has few calls in flight. */
  readonly load: number;
}

/** Candidates of one choice, by what is known of them. */
interface Overview {
  readonly known: readonly Known[];
  /** Sum of the weights of `known`. */
  readonly total: number;
  readonly eligible: number;
  /** Endpoints without a report, of which no probe will have one. */
  readonly silent: ReadonlySet<Candidate>;
  /** Sum of the weights of `silent`. */
  readonly silentTotal: number;
}

const isPenalised = ({ member }: Candidate, now: number): boolean => member.latency.penalty(now) > 0;

/**
 * Prequal's hot-cold lexicographic rule: a cold endpoint before a hot one; of cold ones that with the lower latency, of
 * hot ones that with the lower load. `margin` below 1 requires a clear difference in latency.
 */
const isBetter = (one: Known, other: Known, threshold: number, margin: number): boolean => {
  const isHot = one.load > threshold;
  if (isHot !== other.load > threshold) return !isHot;
  return isHot ? one.load < other.load : one.report.latencyMs < margin * other.report.latencyMs;
};

const overviewOf = (probes: Probes, { level, total, now }: Choice): Overview => {
  const known: Known[] = [];
  const { capacity } = probes.pool;
  // Of a list longer than the pool, heavy endpoints are in the pool more often. The draw must not count that twice.
  const least = level.candidates.length > capacity ? total / capacity : 0;
  const silent = new Set<Candidate>();
  const counts = { total: 0, eligible: 0, silentTotal: 0 };
  for (const candidate of level.candidates) {
    if (candidate.weight === 0) continue;
    counts.eligible += 1;
    const report = probes.pool.of(candidate.member, now);
    if (report === null) {
      if (!probes.isSilent(candidate.member) || isPenalised(candidate, now)) continue;
      silent.add(candidate);
      counts.silentTotal += candidate.weight;
      continue;
    }
    const weight = Math.max(candidate.weight, least);
    counts.total += weight;
    const load = isPenalised(candidate, now) ? Number.POSITIVE_INFINITY : loadOf(report, candidate.weight);
    known.push({ candidate, report, weight, load });
  }
  return { known, silent, ...counts };
};

const drawnKnown = ({ known, total }: Overview, random: () => number): Known | null => {
  let left = random() * total;
  let drawn: Known | null = null;
  for (const one of known) {
    drawn = one;
    left -= one.weight;
    if (left < 0) break;
  }
  return drawn;
};

/** The best of a few endpoints drawn by weight; the first one unless another is clearly better. */
const bestOf = (overview: Overview, pool: ProbePool, random: () => number): Known | null => {
  const first = drawnKnown(overview, random);
  if (first === null) return null;
  if (Number.isFinite(first.load)) pool.sample(first.load);
  let best = first;
  for (let draw = 1; draw < DRAWS; draw++) {
    const other = drawnKnown(overview, random);
    if (other === null || other === best) continue;
    const margin = MARGIN * Math.min(1, other.candidate.weight / best.candidate.weight);
    if (isBetter(other, best, pool.threshold, margin)) best = other;
  }
  return best;
};

/**
 * Prequal (Wydrowski et al., NSDI 2024): requests in flight and latency as the endpoints report them, with all clients
 * included.
 *
 * Peak EWMA decides with reports of fewer than two endpoints, or of less than half of the pool or the list, and among
 * the endpoints that send no reports, for their share.
 */
export const probing = (probes: Probes, random: () => number): Choose => {
  const { pool } = probes;
  const withoutReports = peakEwmaOfTwo(random);
  const lastChosen = new WeakMap<Candidate, number>();

  const starved = ({ level, now }: Choice): Candidate | null => {
    for (const candidate of level.candidates) {
      if (candidate.weight === 0) continue;
      const last = lastChosen.get(candidate);
      if (last === undefined) lastChosen.set(candidate, now);
      else if (now - last >= STARVED_MS && !isPenalised(candidate, now)) return candidate;
    }
    return null;
  };

  const choose: Choose = (choice) => {
    const { level, total, panic, call } = choice;
    if (panic) return withoutReports(choice);
    if (isFirstTry(call)) {
      const due = dueForProbe(level.candidates) ?? starved(choice);
      if (due !== null) return due;
    }
    const overview = overviewOf(probes, choice);
    const needed = Math.max(2, Math.min(pool.capacity, overview.eligible) / 2);
    if (overview.known.length < needed) return withoutReports(choice);
    if (random() * total < overview.silentTotal) {
      for (const candidate of level.candidates) if (!overview.silent.has(candidate)) candidate.weight = 0;
      return withoutReports({ ...choice, total: overview.silentTotal });
    }
    const best = bestOf(overview, pool, random);
    if (best === null) return withoutReports(choice);
    best.report.uses += 1;
    return best.candidate;
  };

  return (choice) => {
    probes.called(choice.level.candidates, choice.total, choice.now);
    const chosen = choose(choice);
    if (chosen !== null) lastChosen.set(chosen, choice.now);
    return chosen;
  };
};
