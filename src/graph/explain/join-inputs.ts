import type { Field, Join, ModuleFields, Selection } from '../../execution/plan/plan.ts';

/** An input of a join, and the join that provides it; null if the row's own module does. */
export interface JoinInputSource {
  readonly field: Field;
  readonly by: Join | null;
}

const read = ({ hidden }: ModuleFields, join: Join, by: Join | null): readonly JoinInputSource[] =>
  hidden.filter(({ joins }) => joins?.includes(join)).map((field) => ({ field, by }));

/** Returns the inputs of a join, keys first. */
export const joinInputSources = (join: Join, { own, joins }: Selection): readonly JoinInputSource[] => {
  const all = [...read(own, join, null), ...joins.flatMap((one) => read(one, join, one))];
  return join.inputs.flatMap(({ key }) => all.filter(({ field }) => field.key === key));
};
