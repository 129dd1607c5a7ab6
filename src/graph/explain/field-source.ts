import { isLoaded } from '../../backend/define/loaded.ts';
import type { AnyResolver } from '../../backend/define/module.ts';
import { isRemote } from '../../backend/remote/remote.ts';
import type { GraphModule } from '../../execution/graph.ts';
import type { Field, Join } from '../../execution/plan/plan.ts';

/** Returns the source of a field in its module, without the gateway's wrappers. */
type Source =
  | { readonly is: 'property' }
  | { readonly is: 'resolver'; readonly resolve: AnyResolver }
  | { readonly is: 'loaded'; readonly loader: string; readonly key: unknown }
  | { readonly is: 'remote'; readonly upstream: string; readonly field: string };

export const sourceOf = ({ module: { module }, parent, name }: Field): Source => {
  const own = module.resolvers[parent.name];
  const given: unknown = own !== undefined && Object.hasOwn(own, name) ? Reflect.get(own, name) : undefined;
  if (isLoaded(given)) return { is: 'loaded', loader: given.loader, key: given.key };
  if (isRemote(given)) return { is: 'remote', upstream: given.remote, field: given.field ?? name };
  return typeof given === 'function' ? { is: 'resolver', resolve: given as AnyResolver } : { is: 'property' };
};

/** True if the module has an upstream. */
export const hasBackend = ({ module }: GraphModule): boolean => Object.keys(module.upstreams).length > 0;

/** Position of the context among a resolver's parameters. */
const CONTEXT = 3;

/**
 * True if reading a field may call its module's backend. Clients and loaders are on the context, the third parameter: a
 * function with fewer parameters cannot reach them. A function that declares it is assumed to use it; one that hides it
 * (`(...all) =>`, `(parent, args = {}, context) =>`) is assumed not to.
 */
export const mayCall = (field: Field): boolean => {
  const source = sourceOf(field);
  if (source.is === 'property' || !hasBackend(field.module)) return false;
  return source.is !== 'resolver' || source.resolve.length >= CONTEXT;
};

/** True if a join loads the entity itself from its module's backend. */
export const joinCalls = ({ load, module }: Join): boolean => load !== null && hasBackend(module);
