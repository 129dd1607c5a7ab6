import {
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  type NamedTypeNode,
  type NameNode,
  print,
} from 'graphql';

export type TypeKind = 'type' | 'interface' | 'union' | 'enum' | 'input' | 'scalar' | 'directive';

/** One module's definition of a name, its extensions included. */
export interface TypeView {
  readonly kind: TypeKind;
  /** Position of the first definition. */
  readonly node: NameNode;
  /** Fields of an object type or interface; empty for other kinds. */
  readonly fields: ReadonlyMap<string, FieldDefinitionNode>;
  /** Implemented interfaces, or members of a union. */
  readonly related: ReadonlySet<string>;
  /**
   * All members (fields, values, ...) with their text in a normal form. Two definitions are the same if kind and
   * content are equal; descriptions and deprecations do not count.
   */
  readonly content: ReadonlyMap<string, string>;
}

const inputText = ({ type, defaultValue }: InputValueDefinitionNode): string =>
  defaultValue === undefined ? print(type) : `${print(type)} = ${print(defaultValue)}`;

const inputs = (nodes: readonly InputValueDefinitionNode[] = []): [string, string][] =>
  nodes.map((node) => [node.name.value, inputText(node)]);

const fieldText = ({ arguments: args = [], type }: FieldDefinitionNode): string => {
  const texts = inputs(args).map(([name, text]) => `${name}: ${text}`);
  return texts.length === 0 ? print(type) : `(${texts.toSorted().join(', ')}): ${print(type)}`;
};

const names = (nodes: readonly NamedTypeNode[] = []): string[] => nodes.map(({ name }) => name.value);

const viewOf = (
  kind: TypeKind,
  node: NameNode,
  content: Iterable<readonly [string, string]>,
  { fields = [], related = [] }: { fields?: readonly FieldDefinitionNode[]; related?: readonly string[] } = {},
): TypeView => ({
  kind,
  node,
  fields: new Map(fields.map((field) => [field.name.value, field])),
  related: new Set(related),
  content: new Map(content),
});

const withFields = (
  kind: 'type' | 'interface',
  name: NameNode,
  fields: readonly FieldDefinitionNode[] = [],
  interfaces: readonly NamedTypeNode[] = [],
): TypeView => {
  const related = names(interfaces);
  const content: [string, string][] = [
    ...related.map((implemented): [string, string] => [`implements ${implemented}`, '']),
    ...fields.map((field): [string, string] => [field.name.value, fieldText(field)]),
  ];
  return viewOf(kind, name, content, { fields, related });
};

/** The view of one definition; null for definitions without a name. */
const viewOfNode = (node: DefinitionNode): TypeView | null => {
  switch (node.kind) {
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.OBJECT_TYPE_EXTENSION:
      return withFields('type', node.name, node.fields, node.interfaces);
    case Kind.INTERFACE_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_EXTENSION:
      return withFields('interface', node.name, node.fields, node.interfaces);
    case Kind.UNION_TYPE_DEFINITION:
    case Kind.UNION_TYPE_EXTENSION: {
      const members = names(node.types);
      return viewOf(
        'union',
        node.name,
        members.map((member) => [member, '']),
        { related: members },
      );
    }
    case Kind.ENUM_TYPE_DEFINITION:
    case Kind.ENUM_TYPE_EXTENSION:
      return viewOf(
        'enum',
        node.name,
        (node.values ?? []).map(({ name }) => [name.value, '']),
      );
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
    case Kind.INPUT_OBJECT_TYPE_EXTENSION:
      return viewOf('input', node.name, inputs(node.fields));
    case Kind.SCALAR_TYPE_DEFINITION:
    case Kind.SCALAR_TYPE_EXTENSION:
      return viewOf(
        'scalar',
        node.name,
        // A weight may be set in one module only.
        (node.directives ?? [])
          .filter(({ name }) => name.value !== 'cost')
          .map((directive) => [`@${directive.name.value}`, print(directive)]),
      );
    case Kind.DIRECTIVE_DEFINITION: {
      const locations = node.locations.map((location): [string, string] => [`on ${location.value}`, '']);
      const repeatable: [string, string][] = node.repeatable ? [['repeatable', '']] : [];
      return viewOf('directive', node.name, [...inputs(node.arguments), ...repeatable, ...locations]);
    }
    default:
      return null;
  }
};

// The first of two definitions of a member wins; sdl.ts reports the duplicate.
const joined = (one: TypeView, more: TypeView): TypeView => ({
  kind: one.kind,
  node: one.node,
  fields: new Map([...more.fields, ...one.fields]),
  related: new Set([...one.related, ...more.related]),
  content: new Map([...more.content, ...one.content]),
});

/** All definitions of a module by name; directives as `@name`. */
export const viewsIn = (document: DocumentNode): ReadonlyMap<string, TypeView> => {
  const views = new Map<string, TypeView>();
  for (const node of document.definitions) {
    const view = viewOfNode(node);
    if (view === null) continue;
    const name = view.kind === 'directive' ? `@${view.node.value}` : view.node.value;
    const known = views.get(name);
    views.set(name, known === undefined ? view : joined(known, view));
  }
  return views;
};
