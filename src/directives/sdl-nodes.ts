import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  type TypeDefinitionNode,
  type TypeExtensionNode,
  valueFromASTUntyped,
} from 'graphql';

/** A module's SDL as directives are read from it. */
export interface ModuleDocument {
  readonly module: string;
  readonly document: DocumentNode;
}

/** A part of an object or interface type, as one module writes it. */
export interface TypePart {
  readonly module: string;
  readonly name: string;
  readonly isInterface: boolean;
  readonly interfaces: readonly string[];
  readonly directives: readonly ConstDirectiveNode[];
  readonly fields: readonly FieldDefinitionNode[];
}

const isObjectOrInterface = (node: {
  readonly kind: string;
}): node is (TypeDefinitionNode | TypeExtensionNode) & {
  readonly kind:
    | Kind.OBJECT_TYPE_DEFINITION
    | Kind.OBJECT_TYPE_EXTENSION
    | Kind.INTERFACE_TYPE_DEFINITION
    | Kind.INTERFACE_TYPE_EXTENSION;
} =>
  node.kind === Kind.OBJECT_TYPE_DEFINITION ||
  node.kind === Kind.OBJECT_TYPE_EXTENSION ||
  node.kind === Kind.INTERFACE_TYPE_DEFINITION ||
  node.kind === Kind.INTERFACE_TYPE_EXTENSION;

/** Every part of every object and interface type, module by module. */
export const typeParts = (documents: readonly ModuleDocument[]): readonly TypePart[] =>
  documents.flatMap(({ module, document }) =>
    document.definitions.filter(isObjectOrInterface).map((node) => ({
      module,
      name: node.name.value,
      isInterface: node.kind === Kind.INTERFACE_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_EXTENSION,
      interfaces: (node.interfaces ?? []).map(({ name }) => name.value),
      directives: node.directives ?? [],
      fields: node.fields ?? [],
    })),
  );

/** The arguments that a directive is written with, once for each time it stands there. */
export const uses = (
  directives: readonly ConstDirectiveNode[] | undefined,
  name: string,
): readonly Readonly<Record<string, unknown>>[] =>
  (directives ?? [])
    .filter((directive) => directive.name.value === name)
    .map((directive) =>
      Object.fromEntries(
        (directive.arguments ?? []).map((argument) => [argument.name.value, valueFromASTUntyped(argument.value)]),
      ),
    );
