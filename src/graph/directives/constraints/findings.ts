import type { Rule } from './rules.ts';

/** A value that breaks a rule. It has no part of the value, which may be a secret. */
export interface RuleViolation {
  /** Place of the value in the arguments of its field: `input.items[3].quantity`. */
  readonly field: string;
  /** Name of the rule in the directive. */
  readonly rule: string;
  readonly message: string;
}

/** A place in a value: a key below another place. A text is made of it only for a violation. */
export interface ValuePath {
  readonly above: ValuePath | null;
  readonly key: string | number;
}

const textOf = ({ above, key }: ValuePath): string => {
  if (typeof key === 'number') return `${above === null ? '' : textOf(above)}[${key}]`;
  return above === null ? key : `${textOf(above)}.${key}`;
};

/** Maximum number of violations of one operation, as of errors of variables. */
export const MAX_VIOLATIONS = 50;

/** The violations of one operation, up to the maximum. Many of its fields may use one variable, which is checked once. */
export class Findings {
  readonly violations: RuleViolation[] = [];
  /** By check. */
  readonly #lists = new Map<object, Set<readonly unknown[]>>();
  readonly #results = new Map<Rule<string>, Map<string, boolean>>();

  get isFull(): boolean {
    return this.violations.length >= MAX_VIOLATIONS;
  }

  /** True if this check has not seen the list. */
  isNew(check: object, list: readonly unknown[]): boolean {
    const known = this.#lists.get(check) ?? new Set<readonly unknown[]>();
    this.#lists.set(check, known);
    const isNew = !known.has(list);
    known.add(list);
    return isNew;
  }

  /** True if a text meets a rule. The rule is asked once for each text. */
  meets(rule: Rule<string>, text: string): boolean {
    const known = this.#results.get(rule) ?? new Map<string, boolean>();
    this.#results.set(rule, known);
    const result = known.get(text) ?? rule.holds(text);
    known.set(text, result);
    return result;
  }

  add(path: ValuePath, rule: string, must: string): void {
    if (this.isFull) return;
    const field = textOf(path);
    this.violations.push({ field, rule, message: `${field} must ${must}.` });
  }
}
