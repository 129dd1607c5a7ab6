import type { Priority } from '../overload/priority.ts';
import { conditionTest } from './condition-test.ts';
import type { RequestFacts } from './facts.ts';
import { readsOperation } from './reads-operation.ts';
import type { LimitFile, PriorityRule } from './rule.ts';

interface ReadyRule {
  readonly priority: Priority;
  readonly matches: (facts: RequestFacts) => boolean;
  /** True if the rule reads nothing but the connection and the headers. */
  readonly isEarly: boolean;
}

const readsCaller = ({ when }: PriorityRule): boolean =>
  [when.caller, when.subject, when.owner, when.plan, when.role, when.scope, when.claim].some(
    (one) => one !== undefined,
  );

/** The priorities of requests. The first rule that a request meets decides; a request without a rule is `default`. */
export class Priorities {
  readonly #rules: readonly ReadyRule[];
  /** True if a rule reads the operation, or backends receive the priority. */
  readonly needsOperation: boolean;
  readonly isUsed: boolean;

  constructor({ priorities, priorityHeader, overload, plan }: LimitFile) {
    this.#rules = priorities.map((rule) => ({
      priority: rule.priority,
      // A client must not raise its priority by one further field.
      matches: conditionTest(rule.when, plan, rule.priority !== 'sheddable'),
      isEarly: !readsCaller(rule) && !readsOperation(rule.when),
    }));
    this.needsOperation = priorityHeader !== null || priorities.some(({ when }) => readsOperation(when));
    this.isUsed = priorities.length > 0 || priorityHeader !== null || overload.isSet;
  }

  /** The priority of a request. */
  of(facts: RequestFacts): Priority {
    return this.#rules.find(({ matches }) => matches(facts))?.priority ?? 'default';
  }

  /** The priority of a request before its caller and operation are known; null if it depends on them. */
  early(facts: RequestFacts): Priority | null {
    for (const { isEarly, matches, priority } of this.#rules) {
      if (!isEarly) return null;
      if (matches(facts)) return priority;
    }
    return 'default';
  }
}
