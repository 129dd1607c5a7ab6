import { FieldExecution } from './column.ts';
import { EntityJoin } from './join.ts';
import type { RowGroup, Selection } from './plan.ts';
import type { PlanExecution } from './run.ts';

/** Executes a selection for a row group: the fields of the rows' own module and, in parallel, the joins. */
export const runSelection = (execution: PlanExecution, selection: Selection, group: RowGroup): void => {
  const { answers, own, joins } = selection;
  execution.takeFields(answers.size * group.results.length);
  if (joins.length > 0) new EntityJoin(execution, selection, runSelection, group).execute();
  else
    for (const field of group.arePlainFieldsSet ? own.otherFields : own.fields)
      new FieldExecution(execution, field, runSelection).execute(group.values, group.results);
};
