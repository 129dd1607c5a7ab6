import {
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  getArgumentValues,
  getNamedType,
  isAbstractType,
  isLeafType,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import type { BoundLoader } from '../../backend/bind/loader.ts';
import { isLoaded, keyNames } from '../../backend/define/loaded.ts';
import type { SchemaModule } from '../../backend/define/module.ts';
import type { Remote } from '../../backend/remote/remote.ts';
import { idempotencyKeyIn, remoteOperation, runRemote } from '../../backend/remote/remote-operation.ts';
import {
  LEAVES,
  type RequestedField,
  type RequestedFields,
  type RequestedRows,
} from '../../backend/remote/requested-fields.ts';
import { RequestNumbers, type Services, servicesOf } from '../../backend/remote/service.ts';
import { serviceRootField, serviceSelection } from '../../backend/remote/service-selection.ts';
import { coercing } from '../../execution/input-error.ts';
import { fieldsOf } from '../../execution/plan/collect-fields.ts';
import type { ReadModule } from '../compose/composition.ts';
import { ownName } from '../compose/reserved-names.ts';
import type { ExecutionContext } from '../execution-context.ts';
import type { ExecutableResolver } from './executable-resolver.ts';

const numbers = new WeakMap<OperationDefinitionNode, RequestNumbers>();

const numbersOf = ({ operation }: GraphQLResolveInfo): RequestNumbers => {
  const known = numbers.get(operation) ?? new RequestNumbers();
  numbers.set(operation, known);
  return known;
};

const resolverIn = ({ resolvers }: SchemaModule, type: string, field: string): unknown => {
  const own = Object.hasOwn(resolvers, type) ? resolvers[type] : undefined;
  return own !== undefined && Object.hasOwn(own, field) ? Reflect.get(own, field) : undefined;
};

/** Reads the fields requested of a service from a document of delegation, as a plan reads them from its selections. */
class RequestReader {
  readonly #module: SchemaModule;
  readonly #services: Services;
  readonly #info: GraphQLResolveInfo;

  constructor(module: SchemaModule, services: Services, info: GraphQLResolveInfo) {
    this.#module = module;
    this.#services = services;
    this.#info = info;
  }

  rows(returned: GraphQLOutputType, nodes: readonly FieldNode[]): RequestedRows {
    const type = getNamedType(returned);
    if (isLeafType(type)) return LEAVES;
    if (!isAbstractType(type)) return { are: 'objects', requested: this.#fields(type, nodes) };
    const types = this.#info.schema.getPossibleTypes(type);
    return { are: 'abstract', requested: types.map((possible) => this.#fields(possible, nodes)) };
  }

  field(type: GraphQLObjectType, nodes: readonly FieldNode[]): readonly RequestedField[] {
    const name = ownName(nodes[0]?.name.value ?? '');
    const definition = type.getFields()[name];
    if (definition === undefined || !this.#hasValidArguments(definition, nodes[0])) return [];
    const resolver = resolverIn(this.#module, type.name, name);
    const sources = (names: readonly string[]) => names.flatMap((one) => this.#source(type.getFields()[one]));
    const reads = sources(this.#services.reads(type.name, name));
    if (resolver !== undefined) return [...sources(isLoaded(resolver) ? keyNames(resolver.key) : []), ...reads];
    const property = this.#services.property(type.name, name, nodes, numbersOf(this.#info));
    const below = this.rows(definition.type, nodes);
    return [{ name, property, definition, node: nodes[0], below, source: null }, ...reads];
  }

  /** False for arguments that graphql-js rejects when it executes the field. */
  #hasValidArguments(definition: GraphQLField<unknown, unknown>, node: FieldNode | undefined): boolean {
    if (node?.arguments === undefined || node.arguments.length === 0) return true;
    try {
      getArgumentValues(definition, node, this.#info.variableValues);
      return true;
    } catch {
      return false;
    }
  }

  #source(definition: GraphQLField<unknown, unknown> | undefined): readonly RequestedField[] {
    if (definition === undefined) return [];
    const { name } = definition;
    return [{ name, property: name, definition, node: undefined, below: LEAVES, source: null }];
  }

  #fields(type: GraphQLObjectType, nodes: readonly FieldNode[]): RequestedFields {
    const { schema, fragments, variableValues: conditions } = this.#info;
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const fields = [...fieldsOf({ schema, fragments, conditions }, type, sets).values()];
    return { type: type.name, fields: fields.flatMap((same) => this.field(type, same)) };
  }
}

const servicesIn = (module: SchemaModule, info: GraphQLResolveInfo): Services => {
  const services = servicesOf(module, info.schema);
  if (services === null) throw new Error(`${module.name} has no GraphQL upstream.`);
  return services;
};

/** The resolver of a field that a GraphQL service provides. */
export const remoteResolver =
  (module: SchemaModule, { remote, field, idempotencyKey }: Remote): ExecutableResolver =>
  async (_parent, args, context, info) => {
    const services = servicesIn(module, info);
    const { fieldNodes, parentType, fieldName, returnType, schema, variableValues } = info;
    const isMutation = parentType === schema.getMutationType();
    const definition = parentType.getFields()[fieldName];
    if (definition === undefined) throw new Error(`There is no field ${parentType.name}.${fieldName}.`);
    const below = new RequestReader(module, services, info).rows(returnType, fieldNodes);
    const root = serviceRootField(services.get(remote), isMutation ? 'Mutation' : 'Query', field ?? fieldName, {
      definition,
      node: fieldNodes[0],
      below,
    });
    const operation = remoteOperation(remote, isMutation ? 'mutation' : 'query', root);
    const variables = coercing(() => root.variables(variableValues));
    const client = context.bound(module.name).remote(remote);
    return runRemote(client, operation, variables, idempotencyKeyIn(args, idempotencyKey));
  };

/** The resolver of a property of rows that a GraphQL service may have returned. */
const aliasedResolver =
  (module: SchemaModule, field: string, otherwise: ExecutableResolver): ExecutableResolver =>
  (parent, args, context, info) => {
    const property = servicesIn(module, info).property(info.parentType.name, field, info.fieldNodes, numbersOf(info));
    const value: unknown = property === field ? undefined : Reflect.get(Object(parent), property);
    return value === undefined ? otherwise(parent, args, context, info) : value;
  };

/** Adds resolvers for the properties of rows of a module with GraphQL upstreams. */
export const addAliasedFields = (
  { module, sdl }: ReadModule,
  fields: Record<string, Record<string, ExecutableResolver>>,
  otherwise: (field: string) => ExecutableResolver,
): void => {
  if (Object.values(module.upstreams).every(({ protocol }) => protocol !== 'graphql')) return;
  for (const node of sdl.document.definitions) {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.OBJECT_TYPE_EXTENSION) continue;
    const type = node.name.value;
    const own = fields[type] ?? {};
    for (const { name } of node.fields ?? [])
      own[name.value] ??= aliasedResolver(module, name.value, otherwise(name.value));
    fields[type] = own;
  }
};

/** The rows that a loader must return for `info`: values of its field, or rows with this one field of its parent. */
export type LoadedRows = 'values' | 'parent';

/** Loads a key with the fields that `info` selects, if the rows of the loader come from a GraphQL service. */
export const loadSelected = (
  module: SchemaModule,
  loader: BoundLoader<unknown>,
  key: unknown,
  rows: LoadedRows,
  info: GraphQLResolveInfo,
): Promise<unknown> => {
  const { upstream } = loader;
  if (upstream === null) return loader.load(key);
  const services = servicesIn(module, info);
  const reader = new RequestReader(module, services, info);
  const { parentType, returnType, fieldNodes } = info;
  const requested: RequestedRows =
    rows === 'values'
      ? reader.rows(returnType, fieldNodes)
      : { are: 'objects', requested: { type: parentType.name, fields: reader.field(parentType, fieldNodes) } };
  const selection = serviceSelection(services.get(upstream), requested);
  const keys = loader.keysFor(selection, () => coercing(() => selection.variables(info.variableValues)));
  return new Promise((resolve, reject) => {
    const one = keys.request(key);
    keys.whenLoaded([one], () => (one.value instanceof Error ? reject(one.value) : resolve(one.value)));
  });
};

/** The loader of a module for one request. */
export const loaderIn = (module: SchemaModule, name: string, context: ExecutionContext): BoundLoader<unknown> => {
  const loader = context.bound(module.name).loaders[name];
  if (loader === undefined) throw new Error(`${module.name} has no loader "${name}"`);
  return loader;
};
