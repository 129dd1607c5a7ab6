import type { ArgumentNode, FieldNode } from 'graphql';
import {
  type GraphQLObjectType,
  type GraphQLScalarType,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  print,
} from 'graphql';
import type { SchemaModule } from '../define/module.ts';
import type { GraphqlUpstream, UpstreamDefinition } from '../define/upstream-options.ts';
import { keyFields } from '../merge/entity-keys.ts';
import { serviceSchema } from './service-schema.ts';

const isGraphql = (definition: UpstreamDefinition | undefined): definition is GraphqlUpstream =>
  definition?.protocol === 'graphql';

/** A GraphQL service as one module sees it: its schema, and its names of the module's types. */
export class GraphqlService {
  readonly upstream: string;
  readonly schema: GraphQLSchema;
  readonly #types: NonNullable<GraphqlUpstream['types']>;
  readonly #module: Pick<SchemaModule, 'merge' | 'resolvers'>;

  constructor(
    upstream: string,
    definition: GraphqlUpstream,
    schema: GraphQLSchema,
    module: Pick<SchemaModule, 'merge' | 'resolvers'>,
  ) {
    this.upstream = upstream;
    this.schema = schema;
    this.#types = definition.types ?? {};
    this.#module = module;
  }

  /** The scalar that the module declares; undefined for any other type. */
  declaredScalar(name: string): GraphQLScalarType | undefined {
    const { resolvers } = this.#module;
    const declared = Object.hasOwn(resolvers, name) ? resolvers[name] : undefined;
    return isScalarType(declared) ? declared : undefined;
  }

  /** Name in the service of a type of the module. */
  typeName(type: string): string {
    return (Object.hasOwn(this.#types, type) ? this.#types[type]?.from : undefined) ?? type;
  }

  /** Name in the service of a field of a type of the module. */
  fieldName(type: string, field: string): string {
    const fields = Object.hasOwn(this.#types, type) ? this.#types[type]?.fields : undefined;
    return (fields !== undefined && Object.hasOwn(fields, field) ? fields[field] : undefined) ?? field;
  }

  /** Fields that a resolver of the module reads from rows of the service; null if they are not declared. */
  reads(type: string, field: string): readonly string[] | null {
    const reads = Object.hasOwn(this.#types, type) ? this.#types[type]?.reads : undefined;
    return (reads !== undefined && Object.hasOwn(reads, field) ? reads[field] : undefined) ?? null;
  }

  /** True for fields of an entity that are all in its keys. */
  areKeys(type: string, fields: readonly { readonly name: string }[]): boolean {
    const { merge } = this.#module;
    const keys = Object.hasOwn(merge, type) && merge[type] !== undefined ? keyFields(merge[type]) : [];
    return keys.length > 0 && fields.every(({ name }) => keys.includes(name));
  }

  /** The definition in the service of a field of a type of the module; undefined if the service does not have it. */
  field(type: string, field: string) {
    const named = this.schema.getType(this.typeName(type));
    const fields = isObjectType(named) || isInterfaceType(named) ? named.getFields() : {};
    const name = this.fieldName(type, field);
    return Object.hasOwn(fields, name) ? fields[name] : undefined;
  }
}

/** The service of one upstream. Expects a module without problems. */
export const serviceOf = (module: SchemaModule, upstream: string, definition: GraphqlUpstream): GraphqlService =>
  new GraphqlService(upstream, definition, serviceSchema(module, definition), module);

/** The GraphQL services of one module, and the properties under which their rows have the module's fields. */
export class Services {
  readonly #services: ReadonlyMap<string, GraphqlService>;
  /** Coordinates of fields with a name that has another type in a type next to theirs. */
  readonly #ambiguous: ReadonlySet<string>;

  constructor(services: readonly GraphqlService[], schema: GraphQLSchema) {
    this.#services = new Map(services.map((service) => [service.upstream, service]));
    this.#ambiguous = new Set(services.flatMap((service) => ambiguousFields(service, schema)));
  }

  get(upstream: string): GraphqlService {
    const service = this.#services.get(upstream);
    if (service === undefined) throw new Error(`There is no GraphQL upstream "${upstream}".`);
    return service;
  }

  /** Fields that a resolver of the module reads from rows. */
  reads(type: string, field: string): readonly string[] {
    return [...this.#services.values()].flatMap((service) => service.reads(type, field) ?? []);
  }

  /**
   * Name of the property in which a row of a service has a field: the field's own name, unless the operation requests
   * it with arguments, with several selections, or next to a field of the same name and another type (GraphQL
   * specification, 5.3.2). Fields with different selections are independent: one may fail without the other.
   */
  property(type: string, field: string, nodes: readonly FieldNode[], numbers: RequestNumbers): string {
    const base = this.#ambiguous.has(`${type}.${field}`) ? `${field}__${type}` : field;
    const args = nodes[0]?.arguments ?? [];
    const property = args.length === 0 ? base : `${base}__${numbers.ofArguments(args)}`;
    const number = numbers.ofSelection(`${type}.${property}`, nodes);
    return number === 1 ? property : `${property}__s${number}`;
  }
}

const ambiguousFields = (service: GraphqlService, schema: GraphQLSchema): readonly string[] =>
  Object.values(schema.getTypeMap())
    .filter(isAbstractType)
    .flatMap((abstract) => {
      const types = schema.getPossibleTypes(abstract);
      return types.flatMap((type) =>
        Object.keys(type.getFields())
          .filter((field) => !areAlike(service, types, field))
          .map((field) => `${type.name}.${field}`),
      );
    });

/** True if the types that have a field in the service all have it with one type. */
const areAlike = (service: GraphqlService, types: readonly GraphQLObjectType[], field: string): boolean => {
  const found = types.flatMap(({ name }) => service.field(name, field) ?? []);
  return new Set(found.map(({ type }) => String(type))).size <= 1;
};

const numberIn = (numbers: Map<string, number>, text: string): number => {
  const number = numbers.get(text) ?? numbers.size + 1;
  numbers.set(text, number);
  return number;
};

/** Numbers of the argument lists of one operation, and of the selections of each field. Equal ones have one number. */
export class RequestNumbers {
  readonly #arguments = new Map<string, number>();
  readonly #selections = new Map<string, Map<string, number>>();
  readonly #texts = new WeakMap<FieldNode, string>();

  ofArguments(args: readonly ArgumentNode[]): number {
    return numberIn(this.#arguments, args.map(print).toSorted().join(', '));
  }

  /** Number of the selection of a field, given by a name. 1 for a leaf. */
  ofSelection(field: string, nodes: readonly FieldNode[]): number {
    if (nodes[0]?.selectionSet === undefined) return 1;
    const numbers = this.#selections.get(field) ?? new Map<string, number>();
    this.#selections.set(field, numbers);
    return numberIn(numbers, nodes.map((node) => this.#textOf(node)).join(' '));
  }

  #textOf(node: FieldNode): string {
    const known = this.#texts.get(node);
    if (known !== undefined) return known;
    const text = node.selectionSet === undefined ? '' : print(node.selectionSet);
    this.#texts.set(node, text);
    return text;
  }
}

const known = new WeakMap<GraphQLSchema, Services | null>();

/** The GraphQL services of a module, memoized by its schema; null if it has none. */
export const servicesOf = (module: SchemaModule, schema: GraphQLSchema): Services | null => {
  const before = known.get(schema);
  if (before !== undefined) return before;
  const services = Object.entries(module.upstreams).flatMap(([upstream, definition]) =>
    isGraphql(definition) ? serviceOf(module, upstream, definition) : [],
  );
  const made = services.length === 0 ? null : new Services(services, schema);
  known.set(schema, made);
  return made;
};
