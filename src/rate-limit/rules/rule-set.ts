import { type Clock, systemClock } from '../../core/clock.ts';
import { clientKey } from '../client-key.ts';
import type { Charge, Demand, TakenPlace } from '../counters/counters.ts';
import { furtherKeys, RecentKeys, type ValueLimit, valueCharge, valueLimit } from './chosen-values.ts';
import { conditionTest } from './condition-test.ts';
import { type CallerFacts, type CounterUse, counterUses, MAX_COUNTERS } from './counter-keys.ts';
import type { RequestFacts } from './facts.ts';
import { Priorities } from './priorities.ts';
import { readsOperation } from './reads-operation.ts';
import type { HeaderChoice, LimitFile, LimitRule, NamedRate } from './rule.ts';

/** A charge of a rule, with the rate that it is for. */
export interface RuleCharge extends Charge {
  readonly rule: LimitRule;
  readonly named: NamedRate;
}

/** A place of a rule that bounds the requests at one time. */
export interface RulePlace extends TakenPlace {
  readonly rule: LimitRule;
}

/** What a request is counted as. */
export interface RuleDemand extends Demand {
  readonly charges: readonly RuleCharge[];
  readonly places: readonly RulePlace[];
  /** Keys of the counters for values that were not counted recently. */
  readonly furtherKeys: readonly string[];
}

/** Names the requests that hold places, uniquely among all gateways. */
export interface Holders {
  /** The longest time of a request in milliseconds. */
  readonly ms: number;
  next(): string;
}

interface ReadyRule {
  readonly rule: LimitRule;
  readonly matches: (facts: RequestFacts) => boolean;
  /** True if the rule reads the operation. */
  readonly needsOperation: boolean;
  /** Bound of the values that a caller chooses; null for a rule without such values. */
  readonly values: ValueLimit | null;
}

/** Parts of a key that are read from the operation. */
export const OPERATION_PARTS: ReadonlySet<string> = new Set(['operation', 'field', 'argument']);

const needsOperation = ({ when, unless, key, count }: LimitRule): boolean =>
  [when, unless ?? {}].some(readsOperation) ||
  key.some(({ by }) => OPERATION_PARTS.has(by)) ||
  count === 'cost' ||
  count === 'fields';

const selections = ({ operation }: RequestFacts, { when }: LimitRule): number =>
  (when.field ?? []).reduce((sum, field) => sum + (operation?.fields().get(field) ?? 0), 0);

const isByUse = ({ key }: LimitRule): boolean => key.some(({ by }) => by === 'field' || by === 'argument');

/** Units of a request for one counter: those that must be available, and those that are taken. */
const unitsOf = (rule: LimitRule, facts: RequestFacts, { times }: CounterUse): Pick<Charge, 'needed' | 'amount'> => {
  switch (rule.count) {
    case 'requests':
      return { needed: 1, amount: 1 };
    case 'fields': {
      const amount = isByUse(rule) ? times : selections(facts, rule);
      return { needed: amount, amount };
    }
    case 'cost': {
      const amount = facts.operation?.cost() ?? 0;
      return { needed: amount, amount };
    }
    case 'refusals':
      return { needed: 1, amount: 0 };
  }
};

/** More than any rate has: a request with too many counters is never admitted, since some of them would not be counted. */
const TOO_MANY = { needed: Number.MAX_SAFE_INTEGER, amount: 0 };

const NONE: readonly never[] = [];

const appliesTo = ({ needsOperation, matches }: ReadyRule, facts: RequestFacts): boolean =>
  (!needsOperation || facts.operation !== null) && matches(facts);

/** The rules of a file, ready to be applied. */
export class RuleSet {
  readonly file: LimitFile;
  readonly #rules: readonly ReadyRule[];
  readonly #clock: Clock;
  readonly #recentKeys = new RecentKeys();
  /** True if a rule reads the operation. */
  readonly needsOperation: boolean;
  readonly priorities: Priorities;
  /** True if a rule has to know of the end of a request. */
  readonly needsEnd: boolean;

  constructor(file: LimitFile, clock: Clock = systemClock) {
    this.file = file;
    this.#clock = clock;
    this.#rules = file.rules.map((rule): ReadyRule => {
      const meets = conditionTest(rule.when, file.plan);
      const isExempt = rule.unless === null ? null : conditionTest(rule.unless, file.plan, true);
      const matches = isExempt === null ? meets : (facts: RequestFacts) => meets(facts) && !isExempt(facts);
      return { rule, matches, needsOperation: needsOperation(rule), values: valueLimit(rule) };
    });
    this.priorities = new Priorities(file);
    this.needsOperation = this.priorities.needsOperation || file.rules.some(needsOperation);
    this.needsEnd = file.rules.some(
      ({ count, concurrent }) => count === 'cost' || count === 'refusals' || concurrent !== null,
    );
  }

  get headers(): HeaderChoice {
    return this.file.headers;
  }

  /** Returns the rules for a request. Rules that read the operation are for requests with one. */
  rulesFor(facts: RequestFacts): readonly LimitRule[] {
    return this.#rules.filter((ready) => appliesTo(ready, facts)).map(({ rule }) => rule);
  }

  /** Returns the charges and places of a request. */
  demandOf(facts: RequestFacts, holders: Holders): RuleDemand {
    const charges: RuleCharge[] = [];
    const places: RulePlace[] = [];
    let added: readonly string[] = NONE;
    const callerFacts = this.#callerFacts(facts);
    for (const ready of this.#rules) {
      if (!appliesTo(ready, facts)) continue;
      const { rule, values } = ready;
      const { onStoreFailure, concurrent } = rule;
      const isEnforced = rule.mode === 'enforce';
      const uses = counterUses(rule, facts, callerFacts);
      const further = values === null || uses.length > MAX_COUNTERS ? NONE : furtherKeys(uses, this.#recentKeys);
      if (values !== null && further.length > 0) {
        charges.push(valueCharge(values, facts, further.length));
        added = [...added, ...further];
      }
      for (const use of uses) {
        const { key } = use;
        const { needed, amount } = uses.length > MAX_COUNTERS ? TOO_MANY : unitsOf(rule, facts, use);
        for (const named of rule.rates)
          charges.push({ rule, named, key, rate: named.rate, needed, amount, isEnforced, onStoreFailure });
        if (concurrent === null) continue;
        const { ms } = holders;
        places.push({ rule, key, slots: concurrent, holder: holders.next(), ms, isEnforced, onStoreFailure });
      }
    }
    return { charges, places, furtherKeys: added };
  }

  /** Notes that a demand was admitted: the values of its keys are not counted again for a time. */
  admitted({ furtherKeys: keys }: RuleDemand): void {
    if (keys.length > 0) this.#recentKeys.add(keys, this.#clock.now());
  }

  /** Returns the charges of a refused request: those of rules that count refusals. */
  refusalsOf(facts: RequestFacts): readonly Charge[] {
    const callerFacts = this.#callerFacts(facts);
    return this.rulesFor(facts)
      .filter(({ count }) => count === 'refusals')
      .flatMap((rule) =>
        counterUses(rule, facts, callerFacts).flatMap(({ key }) =>
          rule.rates.map(
            ({ rate }): Charge => ({
              key,
              rate,
              needed: 0,
              amount: 1,
              isEnforced: false,
              onStoreFailure: rule.onStoreFailure,
            }),
          ),
        ),
      );
  }

  #callerFacts({ principal, address }: RequestFacts): CallerFacts {
    return { caller: clientKey(principal, address), plan: this.file.plan };
  }
}
