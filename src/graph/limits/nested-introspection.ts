import {
  type FieldNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';

const INTROSPECTION: ReadonlySet<string> = new Set(['__schema', '__type']);

interface Place {
  readonly selectionSet: SelectionSetNode;
  /** True below a field. */
  readonly isNested: boolean;
}

/** The first `__schema` or `__type` below another field of an operation. Reads each fragment at most twice. */
const nestedIn = (root: SelectionSetNode, context: ValidationContext): FieldNode | null => {
  const open: Place[] = [{ selectionSet: root, isNested: false }];
  const spread = new Set<string>();
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const { isNested } = place;
    for (const node of place.selectionSet.selections) {
      if (node.kind === Kind.FIELD) {
        if (isNested && INTROSPECTION.has(node.name.value)) return node;
        if (node.selectionSet) open.push({ selectionSet: node.selectionSet, isNested: true });
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        open.push({ selectionSet: node.selectionSet, isNested });
      } else {
        const { value: name } = node.name;
        const fragment = context.getFragment(name);
        if (!fragment || spread.has(`${isNested} ${name}`)) continue;
        spread.add(`${isNested} ${name}`);
        open.push({ selectionSet: fragment.selectionSet, isNested });
      }
    }
  }
  return null;
};

/**
 * Refuses `__schema` and `__type` below other fields (`{ order { query { __schema … } } }`), for introspection that
 * depends on the caller: graphql-js resolves these two on the schema that it executes, which is the whole schema.
 */
export const nestedIntrospection: ValidationRule = (context) => ({
  OperationDefinition: ({ selectionSet }) => {
    const node = nestedIn(selectionSet, context);
    if (node === null) return;
    const message = `Introspection is not allowed below other fields: request ${node.name.value} at the root of a query.`;
    context.reportError(new GraphQLError(message, { nodes: node }));
  },
});
