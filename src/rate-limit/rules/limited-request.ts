import { GatewayError } from '../../core/errors.ts';
import type { LimitedOperation, RequestLimits } from '../../request/request-limits.ts';
import type { Charged, Correction, Counters, Grant, TakenPlace } from '../counters/counters.ts';
import type { LoadShedding } from '../overload/load-shedding.ts';
import type { Priority } from '../overload/priority.ts';
import type { BlockedCounters } from './blocked-counters.ts';
import type { RequestFacts } from './facts.ts';
import { addState, limitHeaders, type RateState } from './limit-headers.ts';
import type { LimitRule } from './rule.ts';
import type { Holders, RuleDemand, RuleSet } from './rule-set.ts';

/** A request above a limit. */
export interface LimitRefusal {
  readonly rule: LimitRule;
  /** Milliseconds until the request may be repeated; infinite if it is above what the limit ever admits. */
  readonly retryMs: number;
}

/** Why a request is refused. `overloaded`: the gateway has too much to do, or the store that counts is unavailable. */
export type Refusal = LimitRefusal | 'overloaded';

/** What all requests of a listener share. */
export interface CountingParts {
  readonly counters: Counters;
  readonly blocked: BlockedCounters;
  readonly holders: Holders;
  readonly shedding: LoadShedding;
}

/** Receives the rules that a request is above: enforced and measured ones. */
export interface LimitRecord {
  limited(rule: string, mode: LimitRule['mode']): void;
}

const NOTHING: RuleDemand = { charges: [], places: [], furtherKeys: [] };

/** The refusal with the longest time: before that, no repetition is admitted. */
const longer = (found: LimitRefusal | null, one: LimitRefusal): LimitRefusal =>
  found === null || one.retryMs > found.retryMs ? one : found;

const isAdmitted = ({ admitted }: Charged): boolean => admitted;

const NO_SIBLINGS: readonly LimitedRequest[] = [];

/** One request and its limits: counted at most once, in one step. */
export class LimitedRequest implements RequestLimits {
  readonly #facts: RequestFacts;
  readonly #rules: RuleSet;
  readonly #parts: CountingParts;
  readonly #record: LimitRecord;
  /** Null before the priority is known. */
  #priority: Priority | null = null;
  #isCounted = false;
  #counting: Promise<Refusal | null> | null = null;
  #demand: RuleDemand = NOTHING;
  #granted: Grant | null = null;
  #spent: number | null = null;
  #isEnded = false;
  #refusal: Refusal | null = null;

  constructor(facts: RequestFacts, rules: RuleSet, parts: CountingParts, record: LimitRecord) {
    this.#facts = facts;
    this.#rules = rules;
    this.#parts = parts;
    this.#record = record;
  }

  /**
   * Returns the limits of another operation of the same request, which is counted on its own. Call it before this one is
   * counted with its operation: the priority may depend on it.
   */
  sibling(record: LimitRecord): LimitedRequest {
    const other = new LimitedRequest(this.#facts, this.#rules, this.#parts, record);
    other.#priority = this.#priority;
    return other;
  }

  /** True once the request is counted. */
  get isCounted(): boolean {
    return this.#isCounted;
  }

  /** Returns the refusal of a request that this gateway knows to be above a limit, before anything is counted. */
  refusedBefore(): Refusal | null {
    const { blocked, holders } = this.#parts;
    if (blocked.isEmpty) return null;
    const { charges } = this.#rules.demandOf(this.#facts, holders);
    const known = charges.filter((charge) => charge.isEnforced && blocked.has(charge));
    if (known.length === 0) return null;
    this.#isCounted = true;
    this.#demand = { charges: known, places: [], furtherKeys: [] };
    return this.#granting({
      charges: known.map((charge) => {
        const retryMs = blocked.retryMs(charge);
        return { admitted: false, remaining: 0, resetMs: retryMs, retryMs };
      }),
      places: [],
      settle: () => {},
    });
  }

  async count(operation: LimitedOperation): Promise<GatewayError | null> {
    const refusal = await this.countOnce(operation);
    if (refusal === null) return null;
    if (refusal === 'overloaded') return new GatewayError('OVERLOADED', 'The gateway is overloaded.');
    return new GatewayError('RATE_LIMITED', `Limit ${refusal.rule.name} was exceeded.`);
  }

  /** Counts the request, unless it is counted. Returns null, or why it is refused. */
  countOnce(operation: LimitedOperation | null): Refusal | null | Promise<Refusal | null> {
    if (this.#isCounted) return this.#counting ?? this.#refusal;
    this.#isCounted = true;
    const { counters, holders } = this.#parts;
    const facts = operation === null ? this.#facts : { ...this.#facts, operation };
    if (this.#isShed(facts)) return this.#refused('overloaded');
    const demand = this.#rules.demandOf(facts, holders);
    this.#demand = demand;
    if (demand.charges.length + demand.places.length === 0) return null;
    const granted = counters.take(demand);
    if (!(granted instanceof Promise)) return this.#counted(granted);
    this.#counting = granted.then((result) => this.#counted(result));
    return this.#counting;
  }

  get forwarded(): RequestLimits['forwarded'] {
    const { priorityHeader } = this.#rules.file;
    return priorityHeader === null ? null : { [priorityHeader]: this.#priority ?? 'default' };
  }

  /** Sets the priority of a request that is admitted in spite of the load. */
  hasPriority(priority: Priority): void {
    this.#priority = priority;
  }

  /** True if the request is refused because of the load. Decides once. */
  #isShed(facts: RequestFacts): boolean {
    const { priorities, file } = this.#rules;
    if (this.#priority !== null || !priorities.isUsed) return false;
    this.#priority = priorities.of(facts);
    return !this.#parts.shedding.admits(this.#priority, file.overload);
  }

  spent(cost: number): void {
    this.#spent = cost;
    // The operation of a client that has disconnected, or of a request that has timed out, goes on for a while.
    if (this.#isEnded) this.#settle([], 0);
  }

  /** Headers about the limits of the request and its siblings: of each rate, the state with the fewest remaining units. */
  headers(siblings: readonly LimitedRequest[] = NO_SIBLINGS): Readonly<Record<string, string>> {
    const states: RateState[] = [];
    this.#addStates(states);
    for (const sibling of siblings) sibling.#addStates(states);
    return limitHeaders(states, this.#rules.headers);
  }

  #addStates(states: RateState[]): void {
    const results = this.#granted?.charges ?? [];
    const { charges } = this.#demand;
    for (let index = 0; index < charges.length; index += 1) {
      const charge = charges[index];
      const state = results[index];
      // A charge that was not counted has no state.
      if (charge?.isEnforced && charge.rule.headers && state !== undefined && Number.isFinite(state.remaining))
        addState(states, { named: charge.named, state });
    }
  }

  /** Returns what the request does not need: its places, and the units beyond those that it has spent. */
  end(isRefused: boolean): void {
    this.#isEnded = true;
    if (isRefused) this.#countRefusal();
    this.#giveBack();
  }

  /** A request that has ended before it was counted gives back what it takes then. */
  #giveBack(): void {
    this.#settle(this.#demand.places.filter((_, index) => this.#granted?.places[index]?.admitted === true));
  }

  #settle(places: readonly TakenPlace[], least = Number.NEGATIVE_INFINITY): void {
    const granted = this.#granted;
    if (granted === null || this.#refusal !== null) return;
    const corrections = this.#corrections(granted, least);
    this.#spent = null;
    if (corrections.length + places.length > 0) granted.settle(corrections, places);
  }

  /** The differences between the static cost and what the execution has cost, each at least `least`. */
  #corrections({ charges }: Grant, least: number): readonly Correction[] {
    const spent = this.#spent;
    if (spent === null) return [];
    return this.#demand.charges.flatMap((charge, index) => {
      const amount = Math.max(spent - charge.amount, least);
      const isCost = charge.rule.count === 'cost' && charges[index]?.admitted === true;
      return isCost && amount !== 0 ? [{ ...charge, amount }] : [];
    });
  }

  /** Counts a refusal for the rules that bound them. One that such a rule itself caused is not counted. */
  #countRefusal(): void {
    if (this.#refusal === 'overloaded' || this.#refusal?.rule.count === 'refusals') return;
    const charges = this.#rules.refusalsOf(this.#facts);
    if (charges.length > 0) void Promise.resolve(this.#parts.counters.take({ charges, places: [] })).catch(() => {});
  }

  #counted(granted: Grant): Refusal | null {
    if (granted.charges.every(isAdmitted)) return this.#granting(granted);
    for (const [index, charge] of this.#demand.charges.entries()) {
      const result = granted.charges[index];
      if (result?.admitted === false && charge.isEnforced && result.isUncounted !== true)
        this.#parts.blocked.add(charge, result.retryMs);
    }
    return this.#granting(granted);
  }

  #granting(granted: Grant): Refusal | null {
    this.#granted = granted;
    let refusal: Refusal | null = null;
    if (granted.charges.every(isAdmitted) && granted.places.every(isAdmitted)) return this.#goingOn();
    const { charges, places } = this.#demand;
    for (const [index, charge] of charges.entries()) {
      const result = granted.charges[index];
      if (result === undefined || result.admitted) continue;
      refusal = this.#notAdmitted(charge.rule, result, refusal);
    }
    for (const [index, { rule }] of places.entries()) {
      const result = granted.places[index];
      if (result !== undefined && !result.admitted) refusal = this.#notAdmitted(rule, result, refusal);
    }
    return refusal === null ? this.#goingOn() : this.#refused(refusal);
  }

  /** The request is admitted. One that has ended meanwhile returns what it took. */
  #goingOn(): null {
    this.#rules.admitted(this.#demand);
    if (this.#isEnded) this.#giveBack();
    return null;
  }

  #notAdmitted(rule: LimitRule, { retryMs, isUncounted = false }: Charged, found: Refusal | null): Refusal | null {
    if (rule.mode === 'measure') {
      this.#record.limited(rule.name, 'measure');
      return found;
    }
    return isUncounted || found === 'overloaded' ? 'overloaded' : longer(found, { rule, retryMs });
  }

  #refused(refusal: Refusal): Refusal {
    this.#refusal = refusal;
    if (refusal !== 'overloaded') this.#record.limited(refusal.rule.name, 'enforce');
    return refusal;
  }
}
