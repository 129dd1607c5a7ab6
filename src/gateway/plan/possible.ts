import type { GraphModule } from '../../execution/graph.ts';
import type { Selection, Shape } from '../../execution/plan.ts';

type Abstract = Extract<Shape, { readonly is: 'abstract' }>;

/** Returns the selection of each type that a row of a module may have. */
export const possibleSelections = (
  { type, selectionOf }: Abstract,
  { schema }: GraphModule,
): readonly (readonly [type: string, selection: Selection])[] =>
  schema.getPossibleTypes(type).map((actual) => [actual.name, selectionOf(actual)]);
