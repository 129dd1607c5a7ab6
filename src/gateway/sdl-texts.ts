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

/** A node of SDL that introspection shows by itself, with those within it. */
interface SdlNode {
  readonly kind: string;
  readonly name?: { readonly value: string } | undefined;
  readonly description?: StringValueNode | undefined;
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
  readonly fields?: readonly SdlNode[] | undefined;
  readonly values?: readonly SdlNode[] | undefined;
  readonly arguments?: readonly SdlNode[] | undefined;
}

/** The words of an element of a schema, by the property that holds them. */
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

/** By path: a type's name, its member's behind a point, and an argument's behind another. The first module that has words counts. */
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

/** What a type has within it, with its path, arguments behind their field. */
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
 * Gives a new schema the descriptions, deprecations and scalar specifications of the modules' SDL, and returns that schema. Libraries
 * keep those of one module, or none: a scalar's own type has no words, and stitching takes the last module's.
 */
export const withSdlTexts = (schema: GraphQLSchema, documents: readonly DocumentNode[]): GraphQLSchema => {
  const texts = textsIn(documents);
  for (const type of Object.values(schema.getTypeMap()))
    for (const [path, element] of [[type.name, type] as const, ...membersOf(type)])
      Object.assign(element, texts.get(path));
  return schema;
};
