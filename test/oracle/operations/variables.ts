import type { Random } from '../random.ts';
import { spoiled } from './hostile.ts';

interface Variable {
  readonly name: string;
  readonly type: string;
  readonly fallback: string | null;
}

/** Variables of one operation, declared as its fields need them, and the values that the client sends. */
export class Variables {
  readonly sent: Record<string, unknown> = {};
  readonly #random: Random;
  readonly #declared: Variable[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** Returns a variable for the condition of @skip or @include. */
  condition(): string {
    const random = this.#random;
    const known = this.#declared.filter(({ name }) => name.startsWith('c'));
    if (known.length > 0 && random.chance(0.5)) return `$${random.pick(known).name}`;
    const name = `c${this.#declared.length}`;
    const hasDefault = random.chance(0.6);
    this.#declared.push({
      name,
      type: hasDefault && random.chance(0.5) ? 'Boolean' : 'Boolean!',
      fallback: hasDefault ? String(random.chance(0.5)) : null,
    });
    if (!hasDefault || random.chance(0.4)) this.sent[name] = random.chance(0.5);
    return `$${name}`;
  }

  /**
   * Returns a variable for a value of an input type. `value` is the value that the client would send, `literal` the
   * same in GraphQL. The variable's type may omit the `!` of `type` if the variable or the argument has a default.
   */
  value(type: string, value: unknown, literal: string, hasDefault: boolean): string {
    const random = this.#random;
    const name = `v${this.#declared.length}`;
    const isRequired = type.endsWith('!');
    const nullable = isRequired ? type.slice(0, -1) : type;
    const own = random.chance(0.4);
    const fallback = own ? literal : null;
    const mayBeNullable = !isRequired || own || hasDefault;
    const loose = mayBeNullable && random.chance(0.6);
    this.#declared.push({ name, type: loose ? nullable : `${nullable}!`, fallback });
    const mustSend = !loose && fallback === null;
    if (mustSend || random.chance(0.6))
      this.sent[name] = loose && random.chance(isRequired ? 0.4 : 0.15) ? null : this.#asSent(value);
    return `$${name}`;
  }

  /** Clients also send invalid values. */
  #asSent(value: unknown): unknown {
    return this.#random.chance(0.03) ? spoiled(this.#random, value) : value;
  }

  /** The declarations with parentheses; empty for none. */
  get text(): string {
    if (this.#declared.length === 0) return '';
    const texts = this.#declared.map(
      ({ name, type, fallback }) => `$${name}: ${type}${fallback === null ? '' : ` = ${fallback}`}`,
    );
    return `(${texts.join(', ')})`;
  }
}
