import { type DocumentNode, type FieldNode, Kind, visit } from 'graphql';
import type { ExecutionContext } from '../execution-context.ts';
import type { Operation } from '../operation.ts';

/** A directive of delegated documents. No client can write it: validation rejects unknown directives. */
const MARK = '_marked';

const withMark = (node: FieldNode, number: number): FieldNode => ({
  ...node,
  directives: [
    ...(node.directives ?? []),
    {
      kind: Kind.DIRECTIVE,
      name: { kind: Kind.NAME, value: MARK },
      arguments: [
        {
          kind: Kind.ARGUMENT,
          name: { kind: Kind.NAME, value: 'number' },
          value: { kind: Kind.INT, value: String(number) },
        },
      ],
    },
  ],
});

/**
 * Marks the fields of an operation with these names, and keeps the original nodes in the context: graphql-tools writes
 * defaults of the schema into the arguments that it delegates, so that the values of the client cannot be told from them.
 */
export const markFields = (
  document: DocumentNode,
  names: ReadonlySet<string>,
  { operation, variables }: Operation,
  context: ExecutionContext,
): DocumentNode => {
  if (names.size === 0) return document;
  const fields: FieldNode[] = [];
  const marked = visit(document, {
    Field: {
      leave: (node) => (names.has(node.name.value) ? withMark(node, fields.push(node) - 1) : undefined),
    },
  });
  context.marked = { fields, sent: variables, definitions: operation.variableDefinitions ?? [] };
  return marked;
};

/** The field of the operation that a field of a delegated document stands for; null if it has no mark. */
export const originalField = (node: FieldNode, { marked }: ExecutionContext): FieldNode | null => {
  const mark = node.directives?.find(({ name }) => name.value === MARK)?.arguments?.[0]?.value;
  return mark?.kind === Kind.INT ? (marked.fields[Number(mark.value)] ?? null) : null;
};
