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

/** The violations of one operation, up to the maximum. */
export class Findings {
  readonly violations: RuleViolation[] = [];

  get isFull(): boolean {
    return this.violations.length >= MAX_VIOLATIONS;
  }

  add(path: ValuePath, rule: string, must: string): void {
    if (this.isFull) return;
    const field = textOf(path);
    this.violations.push({ field, rule, message: `${field} must ${must}.` });
  }
}
