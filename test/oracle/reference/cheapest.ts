import type { Owners, PossibleJoin } from '../../../src/execution/plan/field-owners.ts';
import type { JoinChoice } from '../../../src/execution/plan/join-choice.ts';

/** Number of calls, then of joins, of a choice. */
type Cost = readonly [calls: number, joins: number];

const MAX_STEPS = 3_000;

const inputsOf = ({ key, needs }: PossibleJoin): readonly string[] => [...key.fields, ...needs.map(({ name }) => name)];

const isLess = ([calls, joins]: Cost, other: Cost): boolean =>
  calls < other[0] || (calls === other[0] && joins < other[1]);

/** True if every join can start: no join waits for itself. */
const isPossible = (choice: JoinChoice): boolean => {
  const known = new Set<string>();
  const isKnown = (field: string): boolean => known.has(field) || !choice.has(field);
  for (let before = -1; before < known.size; ) {
    before = known.size;
    for (const [field, join] of choice) if (inputsOf(join).every(isKnown)) known.add(field);
  }
  return known.size === choice.size;
};

const costOf = (owners: Owners, type: string, choice: JoinChoice): Cost => {
  const joins = new Map([...choice.values()].map((join) => [join.name, join]));
  const loads = [...joins.values()].filter(({ key }) => key.load !== undefined).length;
  const reads = [...choice].filter(([field, { module }]) => owners.mayCall(module, type, field)).length;
  return [loads + reads, joins.size];
};

/** True if no other choice is cheaper. Every choice is tried; true as well if there are too many. */
export const isCheapest = (
  owners: Owners,
  type: string,
  isOnRow: (field: string) => boolean,
  fields: readonly string[],
  chosen: JoinChoice,
): boolean => {
  const cost = costOf(owners, type, chosen);
  let steps = 0;
  const isUndercut = (open: readonly string[], choice: JoinChoice): boolean => {
    steps += 1;
    if (steps > MAX_STEPS) return false;
    const next = open.find((field) => !isOnRow(field) && !choice.has(field));
    if (next === undefined) return isPossible(choice) && isLess(costOf(owners, type, choice), cost);
    return owners
      .possibleJoins(type, next)
      .some((join) => isUndercut([...open, ...inputsOf(join)], new Map(choice).set(next, join)));
  };
  return isPossible(chosen) && !isUndercut(fields, new Map());
};
