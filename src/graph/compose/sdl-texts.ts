import {
  type ConstDirectiveNode,
  type DocumentNode,
  GraphQLDeprecatedDirective,
  type GraphQLNamedType,
  type GraphQLSchema,
  GraphQLSpecifiedByDirective,
  getDirectiveValues,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  Kind,
  type StringValueNode,
} from 'graphql';

/** An SDL node with the properties that introspection shows, and its inner nodes. */
interface SdlNode {
  readonly kind: string;
  readonly name?: { readonly value: string } | undefined;
  readonly description?: StringValueNode | undefined;
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
  readonly fields?: readonly SdlNode[] | undefined;
  readonly values?: readonly SdlNode[] | undefined;
  readonly arguments?: readonly SdlNode[] | undefined;
}

/** Texts of a schema element, by the property that holds them. */
type Texts = Readonly<Record<string, string>>;

const textsOf = ({ description, directives = [] }: SdlNode): Texts => {
  const texts = {
    description: description?.value,
    deprecationReason: getDirectiveValues(GraphQLDeprecatedDirective, { directives })?.reason,
    specifiedByURL: getDirectiveValues(GraphQLSpecifiedByDirective, { directives })?.url,
  };
  return Object.fromEntries(
    Object.entries(texts).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
};

/** Texts by path: `Type`, `Type.member` or `Type.field.argument`. The first module with a text wins. */
const textsIn = (documents: readonly DocumentNode[]): ReadonlyMap<string, Texts> => {
  const all = new Map<string, Texts>();
  const note = (node: SdlNode, within: string): void => {
    const path = `${within}${node.name?.value ?? ''}`;
    all.set(path, { ...textsOf(node), ...all.get(path) });
    for (const inner of [...(node.fields ?? []), ...(node.values ?? []), ...(node.arguments ?? [])])
      note(inner, `${path}.`);
  };
  for (const { definitions } of documents)
    for (const node of definitions) if (node.kind !== Kind.DIRECTIVE_DEFINITION) note(node as SdlNode, '');
  return all;
};

/** Members of a type with their paths; arguments follow their field. */
const membersOf = (type: GraphQLNamedType): readonly (readonly [path: string, member: object])[] => {
  if (isEnumType(type)) return type.getValues().map((value) => [`${type.name}.${value.name}`, value]);
  if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) return [];
  return Object.values(type.getFields()).flatMap((field) => {
    const path = `${type.name}.${field.name}`;
    const args: readonly { readonly name: string }[] = 'args' in field ? field.args : [];
    return [[path, field] as const, ...args.map((arg) => [`${path}.${arg.name}`, arg] as const)];
  });
};

/**
 * Sets the descriptions, deprecations and `specifiedByURL` of a new schema from the modules' SDL, and returns the
 * schema. graphql-tools keeps the texts of the last module, and none of a custom scalar.
 */
export const withSdlTexts = (schema: GraphQLSchema, documents: readonly DocumentNode[]): GraphQLSchema => {
  const texts = textsIn(documents);
  for (const type of Object.values(schema.getTypeMap()))
    for (const [path, element] of [[type.name, type] as const, ...membersOf(type)])
      Object.assign(element, texts.get(path));
  return schema;
};
