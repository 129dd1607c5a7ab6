import type { KeyLoader } from '../../backend/bind/key-loader.ts';
import type { GraphModule } from '../graph.ts';
import { coercing } from '../input-error.ts';
import type { Select } from '../plan/plan.ts';
import type { PlanExecution } from './plan-execution.ts';

/** The keys of a module's loader: for rows of a GraphQL service, those that are loaded with the same selection. */
export const loaderKeys = (
  execution: PlanExecution,
  module: GraphModule,
  { loader: name, select }: { readonly loader: string; readonly select: Select },
): KeyLoader => {
  const loader = execution.backend(module).loaders[name];
  if (loader === undefined) throw new Error(`${module.module.name} has no loader "${name}".`);
  if (loader.upstream === null) return loader.keys;
  const selection = select(loader.upstream);
  return loader.keysFor(selection, () => coercing(() => selection.variables(execution.variablesOf(module))));
};
