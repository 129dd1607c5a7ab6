import { type ClientIdentity, clientKey } from '../client-key.ts';
import type { CounterUse } from './counter-keys.ts';
import type { RequestFacts } from './facts.ts';
import { type KeyPart, type LimitRule, type NamedRate, namedRate } from './rule.ts';

const SECONDS = 600;

/** Maximum number of further values of one caller in SECONDS. A program with a credential of its own may act for many users. */
const MAX_VALUES: Readonly<Record<ClientIdentity['kind'], number>> = {
  anonymous: 1_000,
  user: 1_000,
  'api-key': 10_000,
  certificate: 10_000,
};

/** Maximum number of keys in each of the two sets. */
const MAX_KEYS = 50_000;

/** Parts of keys with values that a caller chooses freely. Each value makes a counter. */
const CHOSEN: ReadonlySet<KeyPart['by']> = new Set(['argument', 'client', 'operation']);

/** Keys that were counted in the last ten minutes at least, unless there are too many. */
export class RecentKeys {
  readonly #maxKeys: number;
  #recent = new Set<string>();
  #older = new Set<string>();
  #since = Number.NEGATIVE_INFINITY;

  constructor(maxKeys = MAX_KEYS) {
    this.#maxKeys = maxKeys;
  }

  has(key: string): boolean {
    return this.#recent.has(key) || this.#older.has(key);
  }

  add(keys: readonly string[], now: number): void {
    if (now - this.#since >= SECONDS * 1_000 || this.#recent.size >= this.#maxKeys) {
      this.#older = this.#recent;
      this.#recent = new Set();
      this.#since = now;
    }
    for (const key of keys) this.#recent.add(key);
  }
}

/** What bounds the values of one rule: a limit without headers, that counts further values. */
export interface ValueLimit {
  readonly rule: LimitRule;
  readonly rates: Readonly<Record<ClientIdentity['kind'], NamedRate>>;
}

const rateFor = (name: string, limit: number): NamedRate =>
  namedRate(`${name}-values`, { algorithm: 'fixed-window', limit, seconds: SECONDS, burst: limit });

/** Returns the limit of the values of a rule; null for a rule without values that callers choose. */
export const valueLimit = (rule: LimitRule): ValueLimit | null => {
  if (rule.rates.length === 0 || !rule.key.some(({ by }) => CHOSEN.has(by))) return null;
  const rates = {
    anonymous: rateFor(rule.name, MAX_VALUES.anonymous),
    user: rateFor(rule.name, MAX_VALUES.user),
    'api-key': rateFor(rule.name, MAX_VALUES['api-key']),
    certificate: rateFor(rule.name, MAX_VALUES.certificate),
  };
  return { rule: { ...rule, count: 'requests', headers: false }, rates };
};

/** Returns the charge of further values of a request. */
export const valueCharge = ({ rule, rates }: ValueLimit, { principal, address }: RequestFacts, further: number) => {
  const named = rates[principal.kind];
  const { onStoreFailure, mode } = rule;
  const key = `${rule.name}:values:${clientKey(principal, address)}`;
  return {
    ...{ rule, named, key, rate: named.rate, needed: further, amount: further },
    ...{ isEnforced: mode === 'enforce', onStoreFailure },
  };
};

/** Returns the keys of counters that were not counted recently. */
export const furtherKeys = (uses: readonly CounterUse[], recent: RecentKeys): readonly string[] =>
  uses.map(({ key }) => key).filter((key) => !recent.has(key));
