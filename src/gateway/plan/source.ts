import { isLoaded } from '../../backend/loaded.ts';
import type { AnyResolver } from '../../backend/module.ts';
import type { GraphModule } from '../../execution/graph.ts';
import type { Field, Join } from '../../execution/plan.ts';

/** How a module gives a field, whatever the gateway has put in front of it. */
type Source =
  | { readonly is: 'property' }
  | { readonly is: 'resolver'; readonly resolve: AnyResolver }
  | { readonly is: 'loaded'; readonly loader: string; readonly key: unknown };

export const sourceOf = ({ module: { module }, parent, name }: Field): Source => {
  const own = module.resolvers[parent.name];
  const given: unknown = own !== undefined && Object.hasOwn(own, name) ? Reflect.get(own, name) : undefined;
  if (isLoaded(given)) return { is: 'loaded', loader: given.loader, key: given.key };
  return typeof given === 'function' ? { is: 'resolver', resolve: given as AnyResolver } : { is: 'property' };
};

/** Whether there is anything that a module can ask. */
export const hasBackend = ({ module }: GraphModule): boolean => Object.keys(module.upstreams).length > 0;

/** Where the context stands among what a resolver is called with. */
const CONTEXT = 3;

/**
 * Whether reading a field may ask its module's backend. Clients and loaders come with the context, the third parameter, so that a
 * function that declares fewer cannot reach them. One that declares it is taken to, whatever it does; one that hides it
 * (`(...all) =>`, `(parent, args = {}, context) =>`) is taken not to.
 */
export const mayAsk = (field: Field): boolean => {
  const source = sourceOf(field);
  if (source.is === 'property' || !hasBackend(field.module)) return false;
  return source.is === 'loaded' || source.resolve.length >= CONTEXT;
};

/** Whether a join asks its module's backend for the entity itself. */
export const joinAsks = ({ load, module }: Join): boolean => load !== null && hasBackend(module);
