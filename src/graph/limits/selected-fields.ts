import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import type { Operation } from '../operation.ts';

type Counts = Map<string, number>;

const add = (counts: Counts, at: string, count: number): void => void counts.set(at, (counts.get(at) ?? 0) + count);

const merged = (into: Counts, from: ReadonlyMap<string, number>): void => {
  for (const [at, count] of from) add(into, at, count);
};

/** A selection of a field of Query or Mutation. */
export interface RootSelection {
  /** Name of the type. */
  readonly type: string;
  readonly node: FieldNode;
}

/** The fields that an operation selects. */
export interface CountedSelections {
  /** How often each field is selected, by coordinate. */
  readonly counts: ReadonlyMap<string, number>;
  /** The selections of fields of Query and Mutation, at any depth, by name. */
  readonly ofRoots: ReadonlyMap<string, readonly RootSelection[]>;
}

/** Counts the fields of one operation. Each fragment is read once, however often it is spread. */
class FieldCounts {
  readonly #schema: GraphQLSchema;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #known = new Map<string, ReadonlyMap<string, number>>();
  readonly #roots: ReadonlySet<string>;
  readonly ofRoots = new Map<string, RootSelection[]>();
  readonly #types = new Map<string, ReadonlySet<string>>();

  constructor(schema: GraphQLSchema, { document }: Pick<Operation, 'document'>) {
    this.#schema = schema;
    this.#roots = new Set([schema.getQueryType(), schema.getMutationType()].flatMap((type) => type?.name ?? []));
    this.#fragments = new Map(
      document.definitions.flatMap((node) =>
        node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
      ),
    );
  }

  in(selectionSet: SelectionSetNode, parent: GraphQLCompositeType): Counts {
    const counts: Counts = new Map();
    for (const node of selectionSet.selections) {
      if (node.kind === Kind.FRAGMENT_SPREAD) merged(counts, this.#ofFragment(node.name.value));
      else if (node.kind === Kind.INLINE_FRAGMENT)
        merged(counts, this.in(node.selectionSet, this.#typeNamed(node.typeCondition?.name.value) ?? parent));
      else {
        const { name } = node;
        for (const type of this.#typesWith(parent, name.value)) {
          add(counts, `${type}.${name.value}`, 1);
          if (this.#roots.has(type)) this.#addRoot({ type, node });
        }
        const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name.value] : undefined;
        const below = field && getNamedType(field.type);
        if (node.selectionSet !== undefined && isCompositeType(below))
          merged(counts, this.in(node.selectionSet, below));
      }
    }
    return counts;
  }

  #addRoot(selection: RootSelection): void {
    const { value: name } = selection.node.name;
    const known = this.ofRoots.get(name);
    if (known === undefined) this.ofRoots.set(name, [selection]);
    else known.push(selection);
  }

  #ofFragment(name: string): ReadonlyMap<string, number> {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const fragment = this.#fragments.get(name);
    const type = this.#typeNamed(fragment?.typeCondition.name.value);
    const counts = fragment === undefined || type === null ? new Map() : this.in(fragment.selectionSet, type);
    this.#known.set(name, counts);
    return counts;
  }

  #typeNamed(name: string | undefined): GraphQLCompositeType | null {
    const type = name === undefined ? undefined : this.#schema.getType(name);
    return isCompositeType(type) ? type : null;
  }

  /** Names of a type, of all types that a selection of the field on it may resolve, and of the interfaces of these with the field. */
  #typesWith(type: GraphQLCompositeType, field: string): ReadonlySet<string> {
    const at = `${type.name}.${field}`;
    const types = this.#types.get(at) ?? this.#findTypesWith(type, field);
    this.#types.set(at, types);
    return types;
  }

  #findTypesWith(type: GraphQLCompositeType, field: string): ReadonlySet<string> {
    if (!isInterfaceType(type) && !isObjectType(type)) return new Set([type.name]);
    const resolved = isInterfaceType(type) ? this.#schema.getPossibleTypes(type) : [type];
    const interfaces = [type, ...resolved]
      .flatMap((one) => one.getInterfaces())
      .filter((one) => one.getFields()[field] !== undefined);
    return new Set([type, ...resolved, ...interfaces].map(({ name }) => name));
  }
}

/**
 * Returns how often a valid operation selects each field, by coordinate, with fragments expanded. A field of an interface counts for
 * each type with it, and a field of a type for each of its interfaces with it. `@skip` and `@include` are not evaluated.
 */
export const selectedFields = (schema: GraphQLSchema, operation: Operation): CountedSelections => {
  const root = schema.getRootType(operation.operation.operation);
  if (!root) return { counts: new Map(), ofRoots: new Map() };
  const fields = new FieldCounts(schema, operation);
  return { counts: fields.in(operation.operation.selectionSet, root), ofRoots: fields.ofRoots };
};
