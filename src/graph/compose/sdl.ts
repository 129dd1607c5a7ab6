import { type DocumentNode, type FieldDefinitionNode, Kind, specifiedScalarTypes, type TypeNode, visit } from 'graphql';
import type { SchemaModule } from '../../backend/define/module.ts';
import { parseSdlParts } from '../../backend/sdl/sdl.ts';

/** Parsed SDL of a module, with what it imports. */
export interface ModuleSdl {
  readonly document: DocumentNode;
  /** Names of types that are used but not declared. */
  readonly undeclared: readonly string[];
}

/** The named type inside lists and non-null: `Product` of `[Product!]!`. */
export const namedType = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);

const undeclaredIn = (document: DocumentNode): string[] => {
  const declared = new Set<string>(specifiedScalarTypes.map(({ name }) => name));
  for (const node of document.definitions) if ('name' in node && node.name !== undefined) declared.add(node.name.value);
  const used = new Set<string>();
  visit(document, { NamedType: ({ name }) => void used.add(name.value) });
  return [...used].filter((name) => !declared.has(name));
};

/** @throws GraphQLError for SDL that cannot be parsed. */
export const readSdl = ({ typeDefs }: SchemaModule): ModuleSdl => {
  const document = parseSdlParts(typeDefs);
  return { document, undeclared: undeclaredIn(document) };
};

/** Fields of an object type in a module, extensions included. */
export const fieldsIn = (
  { document }: ModuleSdl,
  type: string,
): readonly (readonly [name: string, node: FieldDefinitionNode])[] =>
  document.definitions.flatMap((node) =>
    (node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION) && node.name.value === type
      ? (node.fields ?? []).map((field) => [field.name.value, field] as const)
      : [],
  );
