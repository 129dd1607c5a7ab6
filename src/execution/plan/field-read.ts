import { isLoaded, keyFrom, keyNames } from '../../backend/define/loaded.ts';
import { isRemote, type Remote } from '../../backend/remote/remote.ts';
import { type RemoteOperation, remoteOperation } from '../../backend/remote/remote-operation.ts';
import type { RequestedRows } from '../../backend/remote/requested-fields.ts';
import { type RequestNumbers, type Services, servicesOf } from '../../backend/remote/service.ts';
import { type ServiceSelection, serviceRootField, serviceSelection } from '../../backend/remote/service-selection.ts';
import type { GraphModule } from '../graph.ts';
import type { Field, Read, Select } from './plan.ts';
import { requestedRows } from './requested-rows.ts';
import { ServiceForms } from './service-forms.ts';

type ReadField = Pick<Field, 'module' | 'name' | 'parent' | 'definition' | 'nodes' | 'shape'>;

const servicesIn = ({ module, schema }: GraphModule): Services => {
  const services = servicesOf(module, schema);
  if (services === null) throw new Error(`${module.name} has no GraphQL upstream.`);
  return services;
};

/** Returns the function that compiles the rows for a loader, once for each upstream. */
export const selecting = (module: GraphModule, rows: () => RequestedRows): Select => {
  const known = new Map<string, ServiceForms<ServiceSelection, Field>>();
  return (upstream) => {
    const service = servicesIn(module).get(upstream);
    const forms = known.get(upstream) ?? new ServiceForms((refused) => serviceSelection(service, rows(), refused));
    known.set(upstream, forms);
    return forms;
  };
};

const remoteRead = (field: ReadField, { remote, field: renamed, idempotencyKey }: Remote): Read => {
  const { module, parent, name, definition, nodes } = field;
  const root = parent === module.schema.getMutationType() ? 'Mutation' : 'Query';
  const forms = new ServiceForms<RemoteOperation, Field>((refused) => {
    const requested = { definition, node: nodes[0], below: requestedRows(field) };
    const compiled = serviceRootField(servicesIn(module).get(remote), root, renamed ?? name, requested, refused);
    return remoteOperation(remote, root === 'Mutation' ? 'mutation' : 'query', compiled);
  });
  return { is: 'remote', forms, idempotencyKey };
};

/** Returns the field source of a field. `numbers` are those of the operation's arguments. */
export const readOf = (field: ReadField, numbers: RequestNumbers): Read => {
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
  const property = servicesOf(module.module, module.schema)?.property(parent.name, name, nodes, numbers) ?? name;
  return property === name ? { is: 'property' } : { is: 'aliased', property };
};
