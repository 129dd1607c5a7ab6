import type { GraphModule } from '../../execution/graph.ts';
import type { Answers, Field, Plan, Selection, Shape } from '../../execution/plan/plan.ts';
import { hasBackend } from './field-source.ts';
import { type Lost, outageLoss } from './outage.ts';
import { possibleSelections } from './steps.ts';

/** The loss of an operation while one backend is down. */
export interface Blast {
  readonly backend: string;
  /** The whole page: `data` or every root field is null. */
  readonly takes: 'whole page' | 'part' | 'nothing';
  readonly lost: readonly Lost[];
}

/** The modules that a plan uses. */
const modulesOf = (plan: Plan): ReadonlySet<GraphModule> => {
  const modules = new Set<GraphModule>();
  const seen = new Set<Selection>();
  const inAnswers = (answers: Answers): void => {
    for (const field of answers.values()) if (typeof field !== 'string') inField(field);
  };
  const inField = (field: Field): void => {
    modules.add(field.module);
    inShape(field, field.shape);
  };
  const inShape = (field: Field, shape: Shape): void => {
    if (shape.is === 'list') inShape(field, shape.item);
    else if (shape.is === 'object') inSelection(shape.selection);
    else if (shape.is === 'abstract')
      for (const [, selection] of possibleSelections(shape, field.module)) inSelection(selection);
  };
  const inSelection = (selection: Selection): void => {
    if (seen.has(selection)) return;
    seen.add(selection);
    // Includes modules that only provide join inputs.
    for (const { module } of selection.joins) modules.add(module);
    inAnswers(selection.answers);
  };
  inAnswers(plan.answers);
  return modules;
};

const blastOf = (backend: string, plan: Plan): Blast => {
  const { lost, carried } = outageLoss(backend, plan);
  if (carried !== null) return { backend, takes: 'whole page', lost: [{ path: 'data', from: carried }] };
  const places = new Set(lost.map(({ path }) => path));
  const roots = [...plan.answers].filter(([, field]) => typeof field !== 'string');
  if (roots.every(([key]) => places.has(key))) return { backend, takes: 'whole page', lost };
  return { backend, takes: lost.length > 0 ? 'part' : 'nothing', lost };
};

/**
 * Returns, for each backend that an operation uses, the nulls of its answer while that backend is down, sorted by name.
 * Derived from plan and types.
 */
export const blastRadius = (plan: Plan): readonly Blast[] =>
  [...modulesOf(plan)]
    .filter(hasBackend)
    .map(({ module }) => module.name)
    .toSorted()
    .map((backend) => blastOf(backend, plan));
