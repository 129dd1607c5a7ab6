import {
  type GraphQLAbstractType,
  type GraphQLArgument,
  type GraphQLEnumType,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { interfaceOf, type PropertyLayout, typeAlias } from '../layout.ts';
import type { ParsedSdl } from './sdl.ts';
import { rootTypes, type SdlTypes } from './sdl-types.ts';

interface Described {
  readonly description?: string | null | undefined;
  readonly deprecationReason?: string | null | undefined;
}

/** JSDoc text of an SDL element. */
export const docOf = ({ description, deprecationReason }: Described, ...more: string[]): string => {
  const deprecated = deprecationReason ? [`@deprecated ${deprecationReason}`] : [];
  return [description ?? '', ...more, ...deprecated].filter((part) => part !== '').join('\n\n');
};

const named = (name: string): string => `${/^[AEIOU]/i.test(name) ? 'an' : 'a'} ${name}`;

/** An argument or input field as a resolver receives it: optional only if it is nullable and has no default. */
export const received = (value: GraphQLArgument | GraphQLInputField, types: SdlTypes): PropertyLayout => ({
  name: value.name,
  optional: !isNonNullType(value.type) && value.defaultValue === undefined,
  type: types.input(value.type),
  doc: docOf(value),
});

const enumeration = (type: GraphQLEnumType, types: SdlTypes): string => {
  const values = type.getValues();
  // Editors show no comments of a union's members.
  const described = values.flatMap(({ name, description, deprecationReason }) => {
    const text = [description, deprecationReason && `Deprecated: ${deprecationReason}`].filter(Boolean).join(' ');
    return text === '' ? [] : `- \`${name}\`: ${text.replaceAll(/\s+/g, ' ')}`;
  });
  const doc = docOf(type, described.join('\n'));
  return typeAlias(types.declared(type.name), values.map(({ name }) => `'${name}'`).join(' | '), doc);
};

const oneOf = (type: GraphQLInputObjectType, types: SdlTypes): string => {
  const fields = Object.values(type.getFields());
  const variants = fields.map((chosen) => {
    const members = fields.map((field) =>
      field === chosen
        ? `readonly ${field.name}: ${types.input(field.type).replace(/ \| null$/, '')}`
        : `readonly ${field.name}?: never`,
    );
    return `{ ${members.join('; ')} }`;
  });
  const doc = docOf(type, 'Has exactly one of its fields.');
  return typeAlias(types.declaredWith(type.name, '<Rows = {}>'), variants.join(' | '), doc);
};

const input = (type: GraphQLInputObjectType, types: SdlTypes): string =>
  type.isOneOf
    ? oneOf(type, types)
    : interfaceOf(
        types.declaredWith(type.name, '<Rows = {}>'),
        Object.values(type.getFields()).map((field) => received(field, types)),
        docOf(type),
      );

const source = (type: GraphQLObjectType, types: SdlTypes): string =>
  interfaceOf(
    types.declaredWith(type.name, '<Rows = {}>'),
    Object.values(type.getFields()).map((field) => ({
      name: field.name,
      optional: true,
      type: types.output(field.type),
      doc: docOf(field),
    })),
    docOf(type, `Row of ${named(type.name)}: fields with a resolver of their own may be missing.`),
  );

const union = (type: GraphQLAbstractType, possible: readonly string[], types: SdlTypes): string => {
  const parts = possible.map((name) => `${types.source(name)} & { readonly __typename: '${name}' }`);
  return typeAlias(
    types.declaredWith(type.name, '<Rows = {}>'),
    parts.length > 1 ? parts.map((part) => `(${part})`).join(' | ') : (parts[0] ?? 'never'),
    docOf(type, `Row of ${named(type.name)}: \`__typename\` names its type.`),
  );
};

/** Names of the object types of an interface or union, in the order of the file. */
export const possibleTypes = (type: GraphQLAbstractType, { schema, typeNames }: ParsedSdl): string[] => {
  const possible = new Set(schema.getPossibleTypes(type).map(({ name }) => name));
  return typeNames.filter((name) => possible.has(name));
};

/** The types that a module's file defines or extends, in its order. */
export const ownTypes = ({ schema, typeNames }: ParsedSdl): GraphQLNamedType[] =>
  typeNames.flatMap((name) => schema.getType(name) ?? []);

/** Declarations of enums, inputs, and the resolver results for objects, interfaces and unions. */
export const sdlDeclarations = (sdl: ParsedSdl, types: SdlTypes): string[] => {
  const own = ownTypes(sdl);
  const roots = rootTypes(sdl.schema);
  return [
    ...own.filter(isEnumType).map((type) => enumeration(type, types)),
    ...own.filter(isInputObjectType).map((type) => input(type, types)),
    ...own.filter(isObjectType).flatMap((type) => (roots.has(type) ? [] : source(type, types))),
    ...own.filter(isAbstractType).map((type) => union(type, possibleTypes(type, sdl), types)),
  ];
};
