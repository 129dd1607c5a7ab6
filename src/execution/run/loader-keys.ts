import type { KeyLoader } from '../../backend/bind/key-loader.ts';
import type { BoundLoader } from '../../backend/bind/loader.ts';
import type { GraphModule } from '../graph.ts';
import { coercing } from '../input-error.ts';
import type { Select } from '../plan/plan.ts';
import type { PlanExecution } from './plan-execution.ts';

type Load = { readonly loader: string; readonly select: Select };

const loaderIn = (execution: PlanExecution, module: GraphModule, name: string): BoundLoader<unknown> => {
  const loader = execution.backend(module).loaders[name];
  if (loader === undefined) throw new Error(`${module.module.name} has no loader "${name}".`);
  return loader;
};

/** The keys of a module's loader; null if their rows come from a GraphQL service. */
export const plainLoaderKeys = (
  execution: PlanExecution,
  module: GraphModule,
  { loader: name }: Pick<Load, 'loader'>,
): KeyLoader | null => {
  const loader = loaderIn(execution, module, name);
  return loader.upstream === null ? loader.keys : null;
};

/**
 * Calls back with the keys of a module's loader: for rows of a GraphQL service, those that are loaded with the same
 * selection. The call is synchronous unless it waits for the guard of a field of the selection.
 */
export const withLoaderKeys = (
  execution: PlanExecution,
  module: GraphModule,
  { loader: name, select }: Load,
  use: (keys: KeyLoader) => void,
): void => {
  const loader = loaderIn(execution, module, name);
  if (loader.upstream === null) {
    use(loader.keys);
    return;
  }
  const forms = select(loader.upstream);
  execution.decideAll(forms.refusable, (refused) => {
    const selection = forms.without(refused);
    use(loader.keysFor(selection, () => coercing(() => selection.variables(execution.variablesOf(module)))));
  });
};
