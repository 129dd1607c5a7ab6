import {
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionNode,
  TypeMetaFieldDef,
} from 'graphql';
import { fieldsOf, type Nodes, type SelectionContext } from '../../execution/plan/collect-fields.ts';
import { fragmentsIn } from '../../execution/plan/conditions.ts';
import type { Operation } from '../operation.ts';

type Field = GraphQLField<unknown, unknown>;

const META: ReadonlyMap<string, Field> = new Map(
  [SchemaMetaFieldDef, TypeMetaFieldDef].map((field) => [field.name, field]),
);

/** Objects of introspection at one place, each with the number of its occurrences. */
type Objects = ReadonlyMap<unknown, number>;

/** Counts the fields of introspection. An object that occurs very often at one place is resolved once. */
class FieldCount {
  readonly #reading: SelectionContext;
  readonly #most: number;
  total = 0;

  constructor(reading: SelectionContext, most: number) {
    this.#reading = reading;
    this.#most = most;
  }

  add(field: Field, nodes: Nodes, parents: Objects): void {
    for (const count of parents.values()) this.total += count;
    const type = getNamedType(field.type);
    if (!isObjectType(type) || this.total > this.#most) return;
    this.#below(type, nodes, this.#children(field, nodes[0], parents));
  }

  #below(type: GraphQLObjectType, nodes: Nodes, objects: Objects): void {
    if (objects.size === 0) return;
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const fields = type.getFields();
    for (const selected of fieldsOf(this.#reading, type, sets).values()) {
      const field = fields[selected[0].name.value];
      if (field !== undefined) this.add(field, selected, objects);
    }
  }

  #children(field: Field, node: FieldNode, parents: Objects): Objects {
    const { schema, conditions } = this.#reading;
    const values = getArgumentValues(field, node, conditions);
    const children = new Map<unknown, number>();
    for (const [parent, count] of parents) {
      // The resolvers of introspection read nothing else.
      const resolved: unknown = field.resolve?.(parent, values, null, { schema } as never);
      for (const child of Array.isArray(resolved) ? resolved : [resolved])
        if (child !== null && child !== undefined) children.set(child, (children.get(child) ?? 0) + count);
    }
    return children;
  }
}

/** The selections of `__schema` and `__type`, at any depth, with expanded fragments. */
const introspectionIn = ({ document, operation }: Pick<Operation, 'document' | 'operation'>): readonly FieldNode[] => {
  const fragments = fragmentsIn(document);
  const found: FieldNode[] = [];
  const open: SelectionNode[] = [...operation.selectionSet.selections];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.kind === Kind.FIELD && META.has(node.name.value)) found.push(node);
    else if (node.kind === Kind.FRAGMENT_SPREAD)
      open.push(...(fragments[node.name.value]?.selectionSet.selections ?? []));
    else open.push(...(node.selectionSet?.selections ?? []));
  }
  return found;
};

const known = new WeakMap<OperationDefinitionNode, readonly FieldNode[]>();

/**
 * Returns the number of fields that the introspection of a valid operation resolves. graphql-js resolves them at once: neither
 * the clock nor a count could end it. Stops above `most`. `@skip` and `@include` of `__schema` and `__type` are not evaluated.
 */
export const introspectedFields = (
  shown: () => GraphQLSchema,
  { document, operation }: Operation,
  coerced: Readonly<Record<string, unknown>>,
  most: number,
): number => {
  const nodes = known.get(operation) ?? introspectionIn({ document, operation });
  known.set(operation, nodes);
  if (nodes.length === 0) return 0;
  const count = new FieldCount({ schema: shown(), fragments: fragmentsIn(document), conditions: coerced }, most);
  for (const node of nodes) {
    const field = META.get(node.name.value);
    if (field !== undefined) count.add(field, [node], new Map([[null, 1]]));
  }
  return count.total;
};
