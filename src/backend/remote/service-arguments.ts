import {
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  getArgumentValues,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  Kind,
} from 'graphql';
import type { GraphqlService } from './service.ts';

/** InputValues of arguments or variables. */
export type InputValues = Readonly<Record<string, unknown>>;

/**
 * Converts a coerced value to the value that the service receives. Enums are sent with their internal value: that of
 * `enumeration({ … })` is the service's name.
 */
const sentValue = (service: GraphqlService, type: GraphQLInputType, value: unknown): unknown => {
  if (value === null || value === undefined) return value;
  if (isNonNullType(type)) return sentValue(service, type.ofType, value);
  if (isListType(type))
    return Array.isArray(value) ? value.map((item) => sentValue(service, type.ofType, item)) : value;
  if (isEnumType(type)) return value;
  if (isLeafType(type)) return type.serialize(value);
  const sent: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(type.getFields()))
    if (Object.hasOwn(Object(value), name))
      sent[service.fieldName(type.name, name)] = sentValue(service, field.type, Reflect.get(Object(value), name));
  return sent;
};

/** A variable that may be absent must not be required where the argument has a default. */
const variableType = ({ type, defaultValue }: GraphQLArgument): string =>
  isNonNullType(type) && defaultValue !== undefined ? String(type.ofType) : String(type);

/** The field node of a field without arguments, for its default values. */
const bare = (name: string): FieldNode => ({ kind: Kind.FIELD, name: { kind: Kind.NAME, value: name } });

/** Variables of an operation for a service. Every argument is one variable, so that no value is part of the document. */
export class ServiceVariables {
  readonly #service: GraphqlService;
  /** Declarations, such as `$v0: Int!`. */
  readonly declarations: string[] = [];
  readonly #fields: {
    readonly definition: GraphQLField<unknown, unknown>;
    readonly node: FieldNode;
    readonly variables: ReadonlyMap<GraphQLArgument, string>;
  }[] = [];

  constructor(service: GraphqlService) {
    this.#service = service;
  }

  /** Adds the arguments of a field. Returns them as text, `(first: $v0)`; empty without arguments. */
  add(
    definition: GraphQLField<unknown, unknown>,
    given: FieldNode | undefined,
    inService: GraphQLField<unknown, unknown>,
  ): string {
    const node = given ?? bare(definition.name);
    const written = new Set(node.arguments?.map(({ name }) => name.value));
    const variables = new Map<GraphQLArgument, string>();
    const texts: string[] = [];
    for (const argument of definition.args) {
      if (!written.has(argument.name) && argument.defaultValue === undefined) continue;
      const other = inService.args.find(({ name }) => name === argument.name);
      if (other === undefined) continue; // reported at the start
      const variable = `v${this.declarations.length}`;
      this.declarations.push(`$${variable}: ${variableType(other)}`);
      variables.set(argument, variable);
      texts.push(`${argument.name}: $${variable}`);
    }
    if (variables.size === 0) return '';
    this.#fields.push({ definition, node, variables });
    return `(${texts.join(', ')})`;
  }

  /**
   * Returns the values for a request. `given` are the variables of the client's operation, coerced by the module's types.
   *
   * @throws GraphQLError for invalid arguments
   */
  values(given: InputValues): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    for (const { definition, node, variables } of this.#fields) {
      const args = getArgumentValues(definition, node, given);
      for (const [{ name, type }, variable] of variables)
        if (Object.hasOwn(args, name)) values[variable] = sentValue(this.#service, type, args[name]);
    }
    return values;
  }
}
