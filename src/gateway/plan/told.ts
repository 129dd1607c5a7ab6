import type { Field, Join, Part, Selection } from '../../execution/plan.ts';

/** An input of a join, and the join that provides it; null if the row's own module does. */
export interface Told {
  readonly field: Field;
  readonly by: Join | null;
}

const read = ({ hidden }: Part, join: Join, by: Join | null): readonly Told[] =>
  hidden.filter(({ joins }) => joins?.includes(join)).map((field) => ({ field, by }));

/** Returns the inputs of a join, keys first. */
export const toldTo = (join: Join, { own, joins }: Selection): readonly Told[] => {
  const all = [...read(own, join, null), ...joins.flatMap((part) => read(part, join, part))];
  return join.given.flatMap(({ name }) => all.filter(({ field }) => field.key === name));
};
