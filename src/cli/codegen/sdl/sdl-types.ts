import {
  type FieldNode,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type GraphQLType,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
} from 'graphql';
import { USUAL_SCALARS } from '../../../backend/define/scalars/built-in-scalars.ts';
import { alternatives } from '../layout.ts';
import type { Names } from '../names.ts';
import type { ParsedSdl } from './sdl.ts';

const BUILT_IN: Readonly<Record<string, string>> = {
  Boolean: 'boolean',
  Float: 'number',
  ID: 'string',
  Int: 'number',
  String: 'string',
};

/** `type`, or null. */
export const orNull = (type: string): string =>
  alternatives(type).some((part) => part === 'unknown' || part === 'null') ? type : `${type} | null`;

/** A list of `type`. */
export const arrayOf = (type: string): string =>
  alternatives(type).length > 1 || type.startsWith('readonly ') ? `readonly (${type})[]` : `readonly ${type}[]`;

/** Converts a GraphQL type to TypeScript; `named` converts its named type. */
const spelt = (type: GraphQLType, named: (type: GraphQLNamedType) => string): string => {
  if (isNonNullType(type)) return present(type.ofType, named);
  return orNull(present(type, named));
};

const present = (type: GraphQLType, named: (type: GraphQLNamedType) => string): string =>
  isListType(type) ? arrayOf(spelt(type.ofType, named)) : named(getNamedType(type));

/** A built-in scalar that the module declares itself has an unknown type: the module defines it. */
const scalar = (name: string, side: 'input' | 'output', { typeNames }: ParsedSdl): string =>
  BUILT_IN[name] ?? (typeNames.includes(name) ? undefined : USUAL_SCALARS[name]?.[side]) ?? 'unknown';

/**
 * Type of a field's value in another module than that of `sdl`: the result of its resolver. Enums become their names,
 * because internal values are private to their module. Objects have the fields that `node` selects; without a selection
 * they are unknown.
 */
export const foreignType = (type: GraphQLOutputType, sdl: ParsedSdl, node?: FieldNode): string =>
  spelt(type, (named) => {
    if (isCompositeType(named)) return selectedType(named, sdl, node);
    if (!isEnumType(named)) return scalar(named.name, 'output', sdl);
    return named
      .getValues()
      .map(({ name }) => `'${name}'`)
      .join(' | ');
  });

const selectedType = (type: GraphQLNamedType, sdl: ParsedSdl, node: FieldNode | undefined): string => {
  if (!isObjectType(type) || node?.selectionSet === undefined) return 'unknown';
  const properties = node.selectionSet.selections.flatMap((below) => {
    if (below.kind !== Kind.FIELD) return [];
    const field = type.getFields()[below.name.value];
    const value = field === undefined ? 'unknown' : foreignType(field.type, sdl, below);
    return `readonly ${(below.alias ?? below.name).value}: ${value}`;
  });
  return `{ ${properties.join('; ')} }`;
};

/** Types of one module's SDL in its generated file. */
export interface SdlTypes {
  /** Type of an argument in a resolver. */
  input(type: GraphQLInputType): string;
  /** Type of a resolver's result. */
  output(type: GraphQLOutputType): string;
  /** Type of the rows of an object, or of the values of an enum in resolvers. */
  source(name: string): string;
  /** Name of the declaration of an SDL type. */
  declared(name: string): string;
  /** The name with `parameters`, if the declaration has a type parameter. */
  declaredWith(name: string, parameters: string): string;
}

/** The root types of operations. No resolver returns them, so they have no source. */
export const rootTypes = (schema: GraphQLSchema): ReadonlySet<GraphQLNamedType | null | undefined> =>
  new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]);

const declaredNames = ({ schema, typeNames }: ParsedSdl, names: Names): ReadonlyMap<string, string> => {
  const types = typeNames.flatMap((name) => schema.getType(name) ?? []);
  const give = (of: readonly GraphQLNamedType[], ending: string, suffix: string) =>
    of.map(({ name }) => [name, names.give(name + ending, suffix)] as const);
  return new Map([
    ...give(types.filter(isCompositeType), 'Source', 'Source'),
    ...give(types.filter(isInputObjectType), '', 'Input'),
    ...give(types.filter(isEnumType), '', 'Enum'),
  ]);
};

/** Inputs that contain an enum at any depth. */
const inputsWithEnums = (schema: GraphQLSchema): ReadonlySet<GraphQLNamedType> => {
  const inputs = Object.values(schema.getTypeMap()).filter(isInputObjectType);
  const found = new Set<GraphQLNamedType>();
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const input of inputs)
      for (const { type } of Object.values(input.getFields())) {
        const named = getNamedType(type);
        if (isEnumType(named) || found.has(named)) found.add(input);
      }
  }
  return found;
};

export const createSdlTypes = (sdl: ParsedSdl, names: Names): SdlTypes => {
  const { schema } = sdl;
  const given = declaredNames(sdl, names);
  const roots = rootTypes(schema);
  const declared = (name: string): string => given.get(name) ?? name;

  // An unused type parameter does not compile under noUnusedParameters.
  const mentionsRows = (type: GraphQLNamedType): boolean => {
    if (isAbstractType(type)) return schema.getPossibleTypes(type).length > 0;
    return isEnumType(type) || (isObjectType(type) && !roots.has(type));
  };
  const inputsWithRows = inputsWithEnums(schema);
  const hasRows = (type: GraphQLNamedType | undefined): boolean => {
    if (isInputObjectType(type)) return inputsWithRows.has(type);
    return isObjectType(type)
      ? Object.values(type.getFields()).some((field) => mentionsRows(getNamedType(field.type)))
      : isAbstractType(type) && mentionsRows(type);
  };
  const declaredWith = (name: string, parameters: string): string =>
    hasRows(schema.getType(name)) ? declared(name) + parameters : declared(name);

  const source = (name: string): string => `Source<Rows, '${name}', ${declaredWith(name, '<Rows>')}>`;
  const named =
    (side: 'input' | 'output') =>
    (type: GraphQLNamedType): string => {
      if (roots.has(type)) return 'unknown';
      if (isObjectType(type) || isEnumType(type)) return source(type.name);
      if (isAbstractType(type) || isInputObjectType(type)) return declaredWith(type.name, '<Rows>');
      return scalar(type.name, side, sdl);
    };
  return {
    input: (type) => spelt(type, named('input')),
    output: (type) => spelt(type, named('output')),
    source,
    declared,
    declaredWith,
  };
};
