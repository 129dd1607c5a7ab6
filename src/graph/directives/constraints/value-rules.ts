import {
  ITEM_RULES,
  isMatched,
  LENGTH_RULES,
  MATCHED_LENGTH,
  NUMBER_RULES,
  type NumberLimit,
  type Rule,
  type Rules,
  TEXT_RULES,
} from './rules.ts';

/** A rule with its name. */
export interface NamedRule<Value> extends Rule<Value> {
  readonly name: string;
}

/** The rules of one argument or input field, compiled. */
export interface ValueRules {
  /** Of the length of a text: the others are not checked for a text that breaks one. */
  readonly lengths: readonly NamedRule<string>[];
  readonly texts: readonly NamedRule<string>[];
  readonly numbers: readonly NamedRule<number>[];
  /** Of the number of items. */
  readonly items: readonly NamedRule<number>[];
}

const ofNumbers = <Value>(rules: Rules, table: ReadonlyMap<string, NumberLimit<Value>>): readonly NamedRule<Value>[] =>
  [...table].flatMap(([name, make]) => {
    const limit = rules.get(name);
    return typeof limit === 'number' ? [{ name, ...make(limit) }] : [];
  });

/** A rule that a text beyond the default length breaks without a match. */
const bounded = (rule: NamedRule<string>): NamedRule<string> => ({
  ...rule,
  must: `${rule.must} and have at most ${MATCHED_LENGTH.default} characters`,
  holds: (text) => text.length <= MATCHED_LENGTH.default && rule.holds(text),
});

const ofTexts = (rules: Rules): readonly NamedRule<string>[] =>
  [...TEXT_RULES].flatMap(([name, make]) => {
    const limit = rules.get(name);
    if (typeof limit !== 'string') return [];
    const rule = { name, ...make(limit) };
    return [isMatched(name, limit) && !rules.has('maxLength') ? bounded(rule) : rule];
  });

/** @throws Error for an invalid pattern. */
export const valueRules = (rules: Rules): ValueRules => ({
  lengths: ofNumbers(rules, LENGTH_RULES),
  texts: ofTexts(rules),
  numbers: ofNumbers(rules, NUMBER_RULES),
  items: ofNumbers(rules, ITEM_RULES),
});

/** The rules as a sentence for clients: `Must have at most 64 characters, and match the pattern ^[A-Z]+$.` */
export const ruleText = (rules: Rules, isList: boolean): string => {
  const { lengths, texts, numbers, items } = valueRules(rules);
  const sentence = (start: string, all: readonly { readonly must: string }[]): string[] =>
    all.length === 0 ? [] : [`${start} ${all.map(({ must }) => must).join(', and ')}.`];
  return [
    ...sentence('Must', items),
    ...sentence(isList ? 'Each item must' : 'Must', [...lengths, ...texts, ...numbers]),
  ].join(' ');
};
