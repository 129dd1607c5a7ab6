import { hash } from 'node:crypto';
import { canonicalAddress, networkPrefix } from '../../config/ip-address.ts';
import { clientKey } from '../client-key.ts';
import { callerPlan } from './condition-test.ts';
import type { RequestFacts } from './facts.ts';
import type { KeyPart, LimitRule, PlanSource } from './rule.ts';

/** A counter of a rule, and how often the request counts for it. */
export interface CounterUse {
  readonly key: string;
  readonly times: number;
}

/** Values of one part of a key, with how often each occurs. Empty for none. */
type Values = ReadonlyMap<string, number>;

/** A value, or a list with the caller in place of one: no text that a client chooses is equal to a list. */
type Part = string | readonly [caller: string];

const once = (value: string | null | undefined): Values =>
  value === null || value === undefined ? new Map() : new Map([[value, 1]]);

const fieldsIn = ({ operation }: RequestFacts, { when }: LimitRule): Values => {
  const selected = operation?.fields() ?? new Map<string, number>();
  const wanted = when.field ?? [];
  return new Map(wanted.flatMap((one) => (selected.has(one) ? [[one, selected.get(one) ?? 0]] : [])));
};

/** One text for all spellings of a value: 1 and "1" are one ID, "a" and ["a"] one list, and fields have no order. */
const textOf = (value: unknown): string => {
  if (Array.isArray(value)) return value.length === 1 ? textOf(value[0]) : `[${value.map(textOf).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(String(value));
  const fields = Object.entries(value).filter(([, own]) => own !== undefined);
  const texts = fields.map(([name, own]) => `${JSON.stringify(name)}:${textOf(own)}`);
  return `{${texts.sort().join()}}`;
};

const argumentsIn = ({ operation }: RequestFacts, path: string): Values => {
  const found = new Map<string, number>();
  for (const value of operation?.argument(path) ?? []) {
    const text = textOf(value);
    found.set(text, (found.get(text) ?? 0) + 1);
  }
  return found;
};

/** True for a claim that gives its holder no value. */
const isEmpty = (claim: unknown): boolean =>
  claim === undefined || claim === null || claim === '' || (Array.isArray(claim) && claim.length === 0);

const claimIn = ({ principal }: RequestFacts, name: string): Values => {
  const value = principal.kind === 'anonymous' ? undefined : principal.claims?.[name];
  return once(isEmpty(value) ? null : JSON.stringify(value));
};

const valuesOf = (part: KeyPart, facts: RequestFacts, rule: LimitRule, plan: PlanSource): Values => {
  const { principal } = facts;
  switch (part.by) {
    case 'caller':
      return once(clientKey(principal, facts.address));
    case 'owner':
      return once(principal.kind === 'api-key' ? principal.owner : null);
    case 'plan':
      return once(callerPlan(principal, plan));
    case 'role':
      return once(
        principal.kind === 'anonymous' || principal.roles.length === 0
          ? null
          : JSON.stringify([...principal.roles].sort()),
      );
    case 'client':
      return once(facts.client);
    case 'route':
      return once(facts.route);
    case 'operation':
      return once(facts.operation?.name);
    case 'field':
      return fieldsIn(facts, rule);
    case 'address':
      return once(networkPrefix(canonicalAddress(facts.address) ?? '', part.v4, part.v6));
    case 'claim':
      return claimIn(facts, part.name);
    case 'argument':
      return argumentsIn(facts, part.path);
  }
};

/** The most counters of one rule for one request: an operation may have many arguments. */
export const MAX_COUNTERS = 100;

const hashed = (name: string, parts: readonly Part[]): string =>
  `${name}:${hash('sha256', JSON.stringify(parts), 'base64url')}`;

/**
 * Returns the counters of a rule for a request. A part without a value is replaced by the caller: such callers neither share a
 * counter nor evade the rule. A request with more than MAX_COUNTERS has one more than that.
 */
export const counterUses = (rule: LimitRule, facts: RequestFacts, plan: PlanSource): readonly CounterUse[] => {
  // The key of a caller is short, and no secret: most rules need no hash.
  if (rule.key.length === 1 && rule.key[0]?.by === 'caller')
    return [{ key: `${rule.name}:${clientKey(facts.principal, facts.address)}`, times: 1 }];
  let uses: readonly { readonly parts: readonly Part[]; readonly times: number }[] = [{ parts: [], times: 1 }];
  for (const part of rule.key) {
    const found = valuesOf(part, facts, rule, plan);
    const values: ReadonlyMap<Part, number> =
      found.size > 0 ? found : new Map([[[clientKey(facts.principal, facts.address)], 1]]);
    uses = uses
      .flatMap(({ parts, times }) =>
        Array.from(values, ([value, count]) => ({ parts: [...parts, value], times: times * count })),
      )
      .slice(0, MAX_COUNTERS + 1);
  }
  return uses.map(({ parts, times }) => ({ key: parts.length === 0 ? rule.name : hashed(rule.name, parts), times }));
};
