import { isLoaded, keyFrom, keyNames } from '../../backend/define/loaded.ts';
import { isRemote, type Remote } from '../../backend/remote/remote.ts';
import { remoteOperation } from '../../backend/remote/remote-operation.ts';
import type { RequestedRows } from '../../backend/remote/requested-fields.ts';
import { type ArgumentNumbers, servicesOf } from '../../backend/remote/service.ts';
import { type ServiceSelection, serviceRootField, serviceSelection } from '../../backend/remote/service-selection.ts';
import type { GraphModule } from '../graph.ts';
import type { Field, Read, Select } from './plan.ts';
import { requestedRows } from './requested-rows.ts';

type ReadField = Pick<Field, 'module' | 'name' | 'parent' | 'definition' | 'nodes' | 'shape'>;

/** Returns the function that compiles the rows for a loader, once for each upstream. */
export const selecting = ({ module, schema }: GraphModule, rows: () => RequestedRows): Select => {
  const known = new Map<string, ServiceSelection>();
  return (upstream) => {
    const services = servicesOf(module, schema);
    if (services === null) throw new Error(`${module.name} has no GraphQL upstream.`);
    const selection = known.get(upstream) ?? serviceSelection(services.get(upstream), rows());
    known.set(upstream, selection);
    return selection;
  };
};

const remoteRead = (field: ReadField, { remote, field: renamed, idempotencyKey }: Remote): Read => {
  const { module, parent, name, definition, nodes } = field;
  let made: ReturnType<typeof remoteOperation> | undefined;
  const operation = () => {
    if (made !== undefined) return made;
    const services = servicesOf(module.module, module.schema);
    if (services === null) throw new Error(`${module.module.name} has no GraphQL upstream.`);
    const root = parent === module.schema.getMutationType() ? 'Mutation' : 'Query';
    const requested = { definition, node: nodes[0], below: requestedRows(field) };
    const compiled = serviceRootField(services.get(remote), root, renamed ?? name, requested);
    made = remoteOperation(remote, root === 'Mutation' ? 'mutation' : 'query', compiled);
    return made;
  };
  return { is: 'remote', operation, idempotencyKey };
};

/** Returns the field source of a field. `numbers` are those of the operation's arguments. */
export const readOf = (field: ReadField, numbers: ArgumentNumbers): Read => {
  const { module, parent, name, nodes } = field;
  const own = module.module.resolvers[parent.name];
  // `resolvers` also has scalars and enums, which are not maps of fields; `parent` is always an object type.
  const resolver = own === undefined || !Object.hasOwn(own, name) ? undefined : (Reflect.get(own, name) as unknown);
  if (isLoaded(resolver)) {
    const { loader, key, map } = resolver;
    const select = selecting(module, () => requestedRows(field));
    return { is: 'loaded', loader, keyOf: keyFrom(key), keyFields: keyNames(key), select, map };
  }
  if (isRemote(resolver)) return remoteRead(field, resolver);
  if (typeof resolver === 'function') return { is: 'resolver', resolve: resolver as never };
  const property = servicesOf(module.module, module.schema)?.property(parent.name, name, nodes[0], numbers) ?? name;
  return property === name ? { is: 'property' } : { is: 'aliased', property };
};
