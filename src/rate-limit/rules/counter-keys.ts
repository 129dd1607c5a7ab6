import { hash } from 'node:crypto';
import { canonicalAddress, networkPrefix } from '../../config/ip-address.ts';
import { callerPlan } from './condition-test.ts';
import type { RequestFacts } from './facts.ts';
import type { KeyPart, LimitRule, PlanSource } from './rule.ts';

/** A counter of a rule, and how often the request counts for it. */
export interface CounterUse {
  readonly key: string;
  readonly times: number;
}

/** The most counters of one rule for one request: an operation may have many arguments. */
export const MAX_COUNTERS = 100;

/** Values of a part that the operation has, with how often each occurs. */
type Values = ReadonlyMap<string, number>;

/** A value, or a list with the caller in place of one: no text that a client chooses is equal to a list. */
type Part = string | readonly [caller: string];

const fieldsIn = ({ operation }: RequestFacts, { when }: LimitRule): Values => {
  const selected = operation?.fields() ?? new Map<string, number>();
  const wanted = when.field ?? [];
  return new Map(wanted.flatMap((one) => (selected.has(one) ? [[one, selected.get(one) ?? 0]] : [])));
};

/** Levels of a value that are part of its text. Values that differ only below them share a counter. */
const MAX_LEVELS = 50;

/** Length of a text beyond which it is replaced by its hash: a variable may be part of very many values. */
const MAX_TEXT = 100;

/** Texts of the values of one request. An object or list that occurs several times is read once. */
class ValueTexts {
  readonly #known = new Map<object, string>();

  /** One text for all spellings of a value: 1 and "1" are one ID, "a" and ["a"] one list, and fields have no order. */
  of(value: unknown, level = 0): string {
    if (typeof value !== 'object' || value === null) return JSON.stringify(String(value));
    if (level > MAX_LEVELS) return '…';
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const whole = this.#textOf(value, level + 1);
    const text = whole.length > MAX_TEXT ? hash('sha256', whole, 'base64url') : whole;
    this.#known.set(value, text);
    return text;
  }

  #textOf(value: object, level: number): string {
    if (Array.isArray(value))
      return value.length === 1 ? this.of(value[0], level) : `[${value.map((item) => this.of(item, level)).join()}]`;
    const fields = Object.entries(value).filter(([, own]) => own !== undefined);
    const texts = fields.map(([name, own]) => `${JSON.stringify(name)}:${this.of(own, level)}`);
    return `{${texts.sort().join()}}`;
  }
}

const argumentsIn = ({ operation }: RequestFacts, path: string): Values => {
  const texts = new ValueTexts();
  const found = new Map<string, number>();
  for (const value of operation?.argument(path) ?? []) {
    const text = texts.of(value);
    found.set(text, (found.get(text) ?? 0) + 1);
    if (found.size > MAX_COUNTERS) break;
  }
  return found;
};

/** True for a claim that gives its holder no value. */
const isEmpty = (claim: unknown): boolean =>
  claim === undefined || claim === null || claim === '' || (Array.isArray(claim) && claim.length === 0);

const claimIn = ({ principal }: RequestFacts, name: string): string | null => {
  const value = principal.kind === 'anonymous' ? undefined : principal.claims?.[name];
  return isEmpty(value) ? null : JSON.stringify(value);
};

const rolesOf = ({ principal }: RequestFacts): string | null =>
  principal.kind === 'anonymous' || principal.roles.length === 0 ? null : JSON.stringify([...principal.roles].sort());

/** What all rules read of a caller. */
export interface CallerFacts {
  /** The key of the caller's own counters: see `clientKey`. */
  readonly caller: string;
  readonly plan: PlanSource;
}

/** The value of a part; null for none, and for a part of which an operation may have several. */
const singleValue = (part: KeyPart, facts: RequestFacts, { caller, plan }: CallerFacts): string | null => {
  const { principal } = facts;
  switch (part.by) {
    case 'caller':
      return caller;
    case 'owner':
      return principal.kind === 'api-key' ? principal.owner : null;
    case 'plan':
      return callerPlan(principal, plan);
    case 'role':
      return rolesOf(facts);
    case 'client':
      return facts.client;
    case 'route':
      return facts.route;
    case 'operation':
      return facts.operation?.name ?? null;
    case 'address':
      return networkPrefix(canonicalAddress(facts.address) ?? '', part.v4, part.v6);
    case 'claim':
      return claimIn(facts, part.name);
    case 'field':
    case 'argument':
      return null;
  }
};

/** The key of a caller or of a network is short, and no secret: such a rule needs no hash. */
const keyOf = ({ name, key }: LimitRule, parts: readonly Part[]): string => {
  const [part] = parts;
  if (part === undefined) return name;
  const by = parts.length === 1 && typeof part === 'string' ? key[0]?.by : null;
  return by === 'caller' || by === 'address'
    ? `${name}:${part}`
    : `${name}:${hash('sha256', JSON.stringify(parts), 'base64url')}`;
};

/** A combination of values of the parts, and how often the operation has it. */
interface Combination {
  readonly parts: Part[];
  readonly times: number;
}

const NO_VALUES: Values = new Map();

const valuesIn = (part: KeyPart, facts: RequestFacts, rule: LimitRule): Values => {
  if (part.by === 'field') return fieldsIn(facts, rule);
  return part.by === 'argument' ? argumentsIn(facts, part.path) : NO_VALUES;
};

/**
 * Returns the counters of a rule for a request. A part without a value is replaced by the caller: such callers neither share a
 * counter nor evade the rule. A request with more than MAX_COUNTERS has one more than that.
 */
export const counterUses = (rule: LimitRule, facts: RequestFacts, callerFacts: CallerFacts): readonly CounterUse[] => {
  let found: readonly Combination[] = [{ parts: [], times: 1 }];
  for (const part of rule.key) {
    const values = valuesIn(part, facts, rule);
    if (values.size === 0) {
      const value = singleValue(part, facts, callerFacts) ?? ([callerFacts.caller] as const);
      for (const { parts } of found) parts.push(value);
      continue;
    }
    found = found
      .flatMap(({ parts, times }) =>
        Array.from(values, ([value, count]) => ({ parts: [...parts, value], times: times * count })),
      )
      .slice(0, MAX_COUNTERS + 1);
  }
  return found.map(({ parts, times }) => ({ key: keyOf(rule, parts), times }));
};
