import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type FieldNode,
  type GraphQLLeafType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isLeafType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
  Kind,
} from 'graphql';
import type { SchemaModule } from '../../../src/backend/define/module.ts';
import { entityKeys } from '../../../src/backend/merge/entity-keys.ts';
import { GatewayError, UpstreamError } from '../../../src/core/errors.ts';
import type { PossibleJoin } from '../../../src/execution/plan/field-owners.ts';
import type { Principal } from '../../../src/request/principal.ts';
import type { Feature } from '../features.ts';
import { inputsOf, type Making, outputOf, parsed, settled, withHandler } from './coerce.ts';
import { neededNode } from './needed-node.ts';
import { type Permission, Permissions } from './permission.ts';
import { type Origin, type Provider, Providers, ROOTS } from './providers.ts';
import { type Admit, Request } from './request.ts';
import { literals, requestedBelow } from './requested.ts';
import { isNothing, noSuchEntity, read, resolve } from './resolve.ts';
import { composedSchema, withoutNonNull } from './schemas.ts';
import type { Traits } from './traits.ts';

type Values = Readonly<Record<string, unknown>>;

/** An object of one module, with the data of other modules about it. */
interface Row extends Origin {
  readonly request: Request;
  /** The entity in other modules, by join; null if the module does not have it. */
  readonly entities: Map<string, Promise<unknown>>;
  /** Values of fields as other modules receive them, by field. */
  readonly joinInputs: Map<string, Promise<unknown>>;
}

/** A validated operation, with variables as the client sent them. */
export interface Asked {
  readonly document: DocumentNode;
  readonly variables: Values;
  readonly principal: Principal;
  readonly admit: Admit;
}

export interface ReferenceAnswer {
  readonly result: ExecutionResult;
  readonly features: ReadonlySet<Feature>;
}

const isNamespace = (merge: SchemaModule['merge'][string] | undefined): boolean =>
  merge !== undefined && entityKeys(merge).some(({ fields }) => fields.length === 0);

const memoized = (known: Map<string, Promise<unknown>>, name: string, find: () => Promise<unknown>) => {
  const before = known.get(name);
  if (before !== undefined) return before;
  const found = find();
  known.set(name, found);
  return found;
};

/** The leaves of join inputs. */
const JOIN_INPUT: Making = { apart: false, row: (value) => value, leaf: () => {}, list: () => {} };

/**
 * The expected answer: graphql-js over one schema that is not stitched. Each field of each row is requested from the
 * module that provides it. Written for readability, not for speed.
 */
export class Reference {
  readonly #providers: Providers;
  readonly #traits: Traits;
  readonly #permissions: Permissions;
  readonly #strict: GraphQLSchema;
  readonly #apart: GraphQLSchema;

  constructor(modules: readonly SchemaModule[], traits: Traits) {
    this.#traits = traits;
    this.#providers = new Providers(modules, composedSchema(modules));
    this.#permissions = new Permissions(modules);
    this.#strict = this.#executable(composedSchema(modules));
    this.#apart = withoutNonNull(this.#executable(composedSchema(modules)));
  }

  /** With `apart`, null does not propagate: the answer then has every error that can be raised. */
  async run({ document, variables, principal, admit }: Asked, apart = false): Promise<ReferenceAnswer> {
    const request = new Request({ modules: this.#providers.modules, principal, admit, apart, sent: variables });
    const schema = apart ? this.#apart : this.#strict;
    const result = await execute({ schema, document, variableValues: variables, contextValue: request });
    return { result, features: request.features };
  }

  #executable(schema: GraphQLSchema): GraphQLSchema {
    for (const type of Object.values(schema.getTypeMap())) {
      if (isAbstractType(type))
        type.resolveType = ({ value }: Row) => {
          const name = read(value, '__typename');
          return typeof name === 'string' ? name : undefined;
        };
      if (isObjectType(type) && !type.name.startsWith('__'))
        for (const field of Object.values(type.getFields()))
          field.resolve = (row: Row | undefined, args, request, info) => this.#field(row, args, request, info);
    }
    return schema;
  }

  async #field(row: Row | undefined, args: Values, all: Request, info: GraphQLResolveInfo): Promise<unknown> {
    const { name: type } = info.parentType;
    const request = row?.request ?? (type === 'Mutation' ? all.anew() : all);
    const provider = this.#providers.providerOf(type, info.fieldName, row ?? null);
    const { module, field } = provider;
    const isOwn = provider.join === null;
    const own = inputsOf(field, args);

    this.#note(module, type, info.fieldName, request.features);
    const permission = this.#permissions.of(type, info.fieldName);
    const [node] = info.fieldNodes;
    const { variableDefinitions: definitions = [] } = info.operation;
    const { sent } = request;
    const given = node === undefined ? [] : this.#permissions.given(type, info.fieldName, node, { sent, definitions });
    if (given.length > 0) request.features.add('guarded input');
    await this.#admitted([...permission.tests, ...given], own, request);
    if (row !== undefined && this.#providers.isShared(type, info.fieldName)) request.features.add('shareable field');
    const parent = isOwn || row === undefined ? row?.value : await this.#parentFor(row, provider, request, info);
    if (!isOwn && row !== undefined && module === row.module && this.#providers.referenceKey(row, type) !== null)
      request.features.add('reference to an own entity');
    if (!isOwn && parent === null) return isNonNullType(field.type) ? noSuchEntity() : null;
    if (permission.limit !== null && !request.admit(`${type}.${info.fieldName}`, permission.limit))
      throw new GatewayError('RATE_LIMITED', 'The limit is used up.');
    const value = await resolve(provider, parent, own, request, { ...info, returnType: field.type });
    return outputOf(field.type, value, this.#making(module, field.type, request, info));
  }

  #note({ name, merge }: SchemaModule, type: string, field: string, features: Set<Feature>): void {
    const { services, inherited } = this.#traits;
    if (services.has(name))
      features.add(merge[type]?.needs?.[field] === undefined ? 'GraphQL service' : 'needs of a service');
    if (inherited.has(`${name} ${type}.${field}`)) features.add('resolver of an interface');
    if (isNamespace(merge[type])) features.add('namespace');
  }

  async #admitted(tests: Permission['tests'], args: Values, { principal, features }: Request): Promise<void> {
    if (tests.length > 0) features.add('guarded field');
    for (const test of tests)
      if (!(await test(principal, args)))
        throw new GatewayError(principal.kind === 'user' ? 'FORBIDDEN' : 'UNAUTHENTICATED', 'Refused.');
  }

  #making(module: SchemaModule, type: GraphQLOutputType, request: Request, info: GraphQLResolveInfo): Making {
    const { features, apart } = request;
    const named = getNamedType(type);
    return {
      apart,
      row: (value): Row => {
        if (isAbstractType(named)) features.add(isInterfaceType(named) ? 'interface' : 'union');
        const requested = () => requestedBelow(info, value);
        return { module, value, requested, request, entities: new Map(), joinInputs: new Map() };
      },
      leaf: (leaf: GraphQLLeafType) => {
        if (isEnumType(leaf)) features.add('enum');
        else if (!isSpecifiedScalarType(leaf)) features.add('custom scalar');
      },
      list: (depth, items) => {
        if (depth > 1 && items.length > 0) features.add('list of lists');
        if (items.some((item) => item instanceof Error)) features.add('error object in a list');
      },
    };
  }

  /** The row's entity in another module, with the inputs of the computed field; null if the module does not have it. */
  async #parentFor(row: Row, { module, join }: Provider, request: Request, info: GraphQLResolveInfo): Promise<unknown> {
    const { name: type } = info.parentType;
    // Root fields have no parent, even below the root.
    if (ROOTS.has(type) || join === null) return undefined;
    const needs = module.merge[type]?.needs?.[info.fieldName] ?? [];
    // Reads all inputs concurrently and to the end, also without a key: nothing is left for the time after the next root
    // field of a mutation. Failures are reported where the inputs are awaited.
    const inputs = [...join.key.fields, ...needs].map((name) => this.#joinInput(row, name, request, info));
    await Promise.allSettled(inputs);
    const key = await this.#keyFor(row, join, request, info);
    if (key === null) return null;
    const needed: Record<string, unknown> = {};
    // The first failing input in the order of `needs` is reported.
    for (const text of needs) {
      const { alias, name } = neededNode(text);
      needed[(alias ?? name).value] = (await this.#joinInput(row, text, request, info)) ?? null;
    }
    const entity = await this.#entity(row, type, join, key, request);
    if (entity === null) return null;
    return { ...Object(entity), ...needed };
  }

  /** The row's key in the module's own values; null if a part is missing. */
  async #keyFor(
    row: Row,
    { module: { module }, key: { fields } }: PossibleJoin,
    request: Request,
    info: GraphQLResolveInfo,
  ): Promise<Values | null> {
    const { name: type } = info.parentType;
    const key: Record<string, unknown> = {};
    for (const name of fields) {
      const value = await this.#joinInput(row, name, request, info);
      if (isNothing(value)) return null;
      const leaf = getNamedType(this.#providers.fieldIn(module, type, name)?.type);
      key[name] = isLeafType(leaf) ? parsed(leaf, value) : value;
    }
    return key;
  }

  #entity(row: Row, type: string, join: PossibleJoin, key: Values, request: Request): Promise<unknown> {
    const { module } = join.module;
    // Fields with needs share the entity with the others.
    return memoized(row.entities, `${module.name} ${join.key.fields.join(' ')}`, async () => {
      request.features.add('merged type');
      if (entityKeys(module.merge[type] ?? { keys: [] }).length > 1) request.features.add('entity with several keys');
      const { load } = join.key;
      if (load === undefined) return key;
      if (this.#traits.services.has(module.name)) request.features.add('entity of a service');
      const parts = Object.values(key);
      const loading = request.loaders(module.name)[load]?.load(parts.length === 1 ? parts[0] : key);
      const found = await loading?.catch((error: unknown) => {
        // NOT_FOUND of a backend means that there is no row.
        if (error instanceof UpstreamError && error.code === 'NOT_FOUND') return null;
        throw error;
      });
      return isNothing(found) ? null : { ...Object(found), ...key };
    });
  }

  /** A field of a row as other modules receive it, without requirements or limits. */
  #joinInput(row: Row, text: string, request: Request, info: GraphQLResolveInfo): Promise<unknown> {
    return memoized(row.joinInputs, text, async () => {
      const node = neededNode(text);
      const { value: name } = node.name;
      const provider = this.#providers.providerOf(info.parentType.name, name, row);
      const { module, field } = provider;
      const isOwn = provider.join === null;
      if (!isOwn) request.features.add('two hops');
      if ((node.arguments?.length ?? 0) > 0) request.features.add('needed field with arguments');
      const asked = { ...info, fieldName: name };
      const parent = isOwn ? row.value : await this.#parentFor(row, provider, request, asked);
      const isThere = isOwn || parent !== null;
      if (!isThere && isNonNullType(field.type)) throw noSuchEntity();
      const args = literals(info.schema, info.parentType.name, field, node);
      const value = isThere ? await resolve(provider, parent, args, request, asked) : null;
      return settled(field.type, outputOf(field.type, value, this.#needed(module, field.type, node, request, info)));
    });
  }

  /** Objects of needed fields consist of the selected fields, which the same module provides. */
  #needed(
    module: SchemaModule,
    returned: GraphQLOutputType,
    node: FieldNode,
    request: Request,
    info: GraphQLResolveInfo,
  ): Making {
    const parentType = getNamedType(returned);
    const row = async (value: unknown): Promise<unknown> => {
      if (!isObjectType(parentType)) return value;
      const isOfService = this.#traits.services.has(module.name);
      request.features.add(isOfService ? 'needed object of a service' : 'needed object');
      const fields = (node.selectionSet?.selections ?? []).flatMap((below) => {
        const name = below.kind === Kind.FIELD ? below.name.value : '';
        const field = this.#providers.fieldIn(module, parentType.name, name);
        if (below.kind !== Kind.FIELD || field === undefined) return [];
        const asked = { ...info, fieldName: name, parentType };
        const args = literals(info.schema, parentType.name, field, below);
        const found = resolve({ module, field }, value, args, request, asked).then((one) =>
          settled(field.type, outputOf(field.type, one, this.#needed(module, field.type, below, request, info))),
        );
        const part = isNonNullType(field.type) ? found : found.catch(() => null);
        part.catch(() => undefined);
        return [[(below.alias ?? below.name).value, part] as const];
      });
      const object: Record<string, unknown> = {};
      for (const [name, part] of fields) object[name] = (await part) ?? null;
      return object;
    };
    return { ...JOIN_INPUT, row: (value) => withHandler(row(value)) };
  }
}
