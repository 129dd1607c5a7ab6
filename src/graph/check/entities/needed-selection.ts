import {
  type FieldNode,
  FieldsOnCorrectTypeRule,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  Kind,
  KnownArgumentNamesRule,
  NoUndefinedVariablesRule,
  OverlappingFieldsCanBeMergedRule,
  ProvidedRequiredArgumentsRule,
  ScalarLeafsRule,
  TypeInfo,
  UniqueArgumentNamesRule,
  UniqueInputFieldNamesRule,
  ValuesOfCorrectTypeRule,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { MergeShape } from '../../../backend/define/schema-types.ts';

/** Fields below each other in one text of `needs`. */
export const MAX_NEEDED_DEPTH = 5;

const RULES = [
  FieldsOnCorrectTypeRule,
  ScalarLeafsRule,
  KnownArgumentNamesRule,
  ProvidedRequiredArgumentsRule,
  UniqueArgumentNamesRule,
  UniqueInputFieldNamesRule,
  ValuesOfCorrectTypeRule,
  OverlappingFieldsCanBeMergedRule,
  NoUndefinedVariablesRule,
];

const depthOf = ({ selectionSet }: FieldNode): number =>
  1 + Math.max(0, ...(selectionSet?.selections ?? []).map((below) => (below.kind === Kind.FIELD ? depthOf(below) : 0)));

/** Parts of GraphQL's notation that `needs` does not have. */
const unsupported = (node: FieldNode): readonly string[] => {
  const found = new Set<string>();
  visit(node, {
    Variable: ({ name }) => void found.add(`the variable $${name.value}`),
    Directive: ({ name }) => void found.add(`the directive @${name.value}`),
    InlineFragment: () => void found.add('a fragment'),
    FragmentSpread: () => void found.add('a fragment'),
    // A constant, because only object types can be needed.
    Field: ({ name }) => {
      if (name.value === '__typename') found.add('__typename');
    },
  });
  return [...found].map((what) => `has ${what}: fields and literals only`);
};

/** Fields that a selection cannot have although the schema has them. */
const unreadable = (
  schema: GraphQLSchema,
  document: Parameters<typeof visit>[0],
  merge: Readonly<Record<string, MergeShape>>,
): readonly string[] => {
  const problems: string[] = [];
  const types = new TypeInfo(schema);
  const field = ({ name, selectionSet }: FieldNode): void => {
    const parent = types.getParentType()?.name ?? '';
    const returned = getNamedType(types.getType());
    if (isAbstractType(returned)) problems.push(`${name.value} is ${returned.name}, which is not an object type`);
    if (returned === schema.getQueryType() && selectionSet) problems.push(`${name.value} leads to ${returned?.name}`);
    if (Object.hasOwn(merge, parent) && Object.hasOwn(merge[parent]?.needs ?? {}, name.value))
      problems.push(`${parent}.${name.value} has needs of its own`);
  };
  visit(document, visitWithTypeInfo(types, { Field: field }));
  return problems;
};

/**
 * Returns the reasons for which a module that has a needed field of `type` cannot provide its selection. All fields below
 * it must be fields of the same module.
 */
export const problemsOfSelection = (
  node: FieldNode,
  type: string,
  schema: GraphQLSchema,
  merge: Readonly<Record<string, MergeShape>>,
): readonly string[] => {
  const wrong = unsupported(node);
  if (wrong.length > 0) return wrong;
  if (depthOf(node) > MAX_NEEDED_DEPTH) return [`is deeper than ${MAX_NEEDED_DEPTH} fields`];
  const document = {
    kind: Kind.DOCUMENT,
    definitions: [
      {
        kind: Kind.FRAGMENT_DEFINITION,
        name: { kind: Kind.NAME, value: 'Needed' },
        typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type } },
        selectionSet: { kind: Kind.SELECTION_SET, selections: [node] },
      },
    ],
  } as const;
  const others = unreadable(schema, document, merge);
  if (others.length > 0) return others;
  return validate(schema, document, RULES).map(({ message }) => message.replace(/\.$/, ''));
};
