import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  type TypeDefinitionNode,
  type TypeExtensionNode,
  valueFromASTUntyped,
} from 'graphql';

/** The parsed SDL of a module. */
export interface ModuleDocument {
  readonly module: string;
  readonly document: DocumentNode;
}

/** A definition or extension of an object or interface type in one module. */
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

/** Returns all definitions and extensions of object and interface types, module by module. */
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

/** Returns the arguments of every use of a directive. */
export const directiveUses = (
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
