import { Column } from './column.ts';
import { Place } from './join.ts';
import type { Rows, Selection } from './plan.ts';
import type { Run } from './run.ts';

/** Executes a selection for a row group: the fields of the rows' own module and, in parallel, the joins. */
export const runSelection = (run: Run, selection: Selection, rows: Rows): void => {
  const { answers, own, joins } = selection;
  run.takeFields(answers.size * rows.results.length);
  if (joins.length > 0) new Place(run, selection, runSelection, rows).fill();
  else
    for (const field of rows.areRead ? own.others : own.fields)
      new Column(run, field, runSelection).fill(rows.values, rows.results);
};
