import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isLeafType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { anyValue } from './authorization/given-inputs.ts';
import type { InputRequirements } from './authorization/input-requirements.ts';
import { coordinate, type Requirements } from './authorization/requirement.ts';
import type { ComputedField, FieldRead } from './authorization/requirements.ts';
import { type CacheHint, type CacheHints, type FieldHints, type TypeHints, typeIn } from './cache-hints.ts';

/** Cacheability of the answer to an operation. */
export interface CachePolicy {
  /** Maximum age in seconds; 0 disables caching. */
  readonly maxAge: number;
  readonly isPrivate: boolean;
  /** True if a field has a rate limit, against which a cached answer would not count. */
  readonly isLimited: boolean;
}

export interface CacheKnowledge {
  readonly schema: GraphQLSchema;
  readonly fields: CacheHints;
  readonly types: TypeHints;
  readonly requirements: Requirements;
  readonly inputs: InputRequirements;
  /** Modules with upstreams that receive data of the caller: their answers may differ from caller to caller. */
  readonly personal: ReadonlySet<string>;
  /** Fields that are computed from fields of other modules. */
  readonly computed: readonly ComputedField[];
  /** The fields of each key by which a module joins a type, by `<module>:<Type>`. */
  readonly keys: ReadonlyMap<string, readonly (readonly string[])[]>;
}

const NOT_AT_ALL: CachePolicy = { maxAge: 0, isPrivate: false, isLimited: false };

/** Accumulates the strictest policy. */
class Strictest {
  maxAge = Number.POSITIVE_INFINITY;
  isPrivate = false;
  isLimited = false;

  keepAtMost(maxAge: number): void {
    this.maxAge = Math.min(this.maxAge, maxAge);
  }

  apply(hint: CacheHint): void {
    this.isPrivate ||= hint.isPrivate;
    if (hint.maxAge !== undefined) this.keepAtMost(hint.maxAge);
  }
}

interface Walk {
  readonly knowledge: CacheKnowledge;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly strictest: Strictest;
  /**
   * Visited selection sets, by type and modules of the parent. Shared fragments and fields of several types would
   * otherwise be visited once for each path to them.
   */
  readonly seen: Map<SelectionSetNode, Set<string>>;
}

const possibleTypes = ({ schema }: CacheKnowledge, type: GraphQLNamedType): readonly GraphQLObjectType[] => {
  if (isObjectType(type)) return [type];
  return isAbstractType(type) ? schema.getPossibleTypes(type) : [];
};

/**
 * Applies the hints of one module's field. Without a `maxAge` of its own, a field of objects takes the hint of its type
 * from the same module. A leaf needs none if the module provided its parent; otherwise it takes the module's hint for
 * the parent's type, or 0.
 */
const applyField = (walk: Walk, hints: FieldHints, returned: GraphQLNamedType, origins: ReadonlySet<string>): void => {
  const { strictest, knowledge } = walk;
  if (knowledge.personal.has(hints.module)) strictest.isPrivate = true;
  if (hints.isLimited) strictest.isLimited = true;
  strictest.apply(hints.own);
  if (hints.own.maxAge !== undefined || hints.own.inherits) return;
  if (!isLeafType(returned)) {
    const ofReturned = knowledge.types.get(typeIn(hints.module, returned.name));
    if (ofReturned !== undefined) strictest.apply(ofReturned);
    if (ofReturned?.maxAge === undefined && !ofReturned?.inherits) strictest.keepAtMost(0);
    return;
  }
  strictest.isPrivate ||= hints.ofType.isPrivate;
  if (!origins.has(hints.module)) strictest.keepAtMost(hints.ofType.maxAge ?? 0);
};

/**
 * Applies the hints of the keys by which a module is joined to rows of `origins`: those of a key that the rows have,
 * else those of all keys, with all modules that can provide them.
 */
const applyKeys = (
  walk: Walk,
  type: string,
  module: string,
  origins: ReadonlySet<string>,
  joined: ReadonlySet<string> = new Set(),
): void => {
  if (origins.has(module) || joined.has(module)) return;
  const { strictest, knowledge } = walk;
  const keysOf = (name: string) => knowledge.keys.get(typeIn(name, type)) ?? [];
  const providersOf = (field: string) => knowledge.fields.get(coordinate(type, field)) ?? [];
  const onRow = (field: string) => providersOf(field).filter((hints) => origins.has(hints.module));
  const near = keysOf(module).filter((key) => key.every((field) => onRow(field).length > 0));
  for (const field of (near.length > 0 ? near : keysOf(module)).flat()) {
    const others = providersOf(field).filter((hints) => keysOf(hints.module).some((key) => !key.includes(field)));
    for (const { module: source, own, ofType } of onRow(field).length > 0 ? onRow(field) : others) {
      strictest.isPrivate ||= knowledge.personal.has(source) || ofType.isPrivate;
      strictest.apply(own);
      if (own.maxAge === undefined && !origins.has(source)) strictest.keepAtMost(ofType.maxAge ?? 0);
      applyKeys(walk, type, source, origins, new Set([...joined, module]));
    }
  }
};

/** Applies the hints of a field that a computed field of the type `parent` reads. */
const applyRead = (walk: Walk, parent: string, read: FieldRead, origins: ReadonlySet<string>): void => {
  const { strictest, knowledge } = walk;
  for (const { module, own, ofType } of knowledge.fields.get(coordinate(read.type, read.field)) ?? []) {
    strictest.isPrivate ||= knowledge.personal.has(module) || ofType.isPrivate;
    strictest.apply(own);
    if (read.type === parent) applyKeys(walk, parent, module, origins);
    // A field below a needed one comes with it.
    if (own.maxAge !== undefined || own.inherits || read.type !== parent || origins.has(module)) continue;
    strictest.keepAtMost(ofType.maxAge ?? 0);
  }
  applyReads(walk, read.type, read.field, origins);
};

/** Applies the hints of all fields that a field is computed from; the start rejects cycles. */
const applyReads = (walk: Walk, type: string, name: string, origins: ReadonlySet<string>): void => {
  for (const computed of walk.knowledge.computed)
    if (computed.type === type && computed.field === name)
      for (const read of computed.from) applyRead(walk, type, read, origins);
};

/** True for the first visit. */
const isNew = ({ seen }: Walk, selectionSet: SelectionSetNode, visit: string): boolean => {
  const visits = seen.get(selectionSet) ?? new Set();
  if (visits.has(visit)) return false;
  seen.set(selectionSet, visits.add(visit));
  return true;
};

const walkSelections = (
  walk: Walk,
  selectionSet: SelectionSetNode,
  type: GraphQLNamedType,
  origins: ReadonlySet<string>,
): void => {
  if (!isNew(walk, selectionSet, [type.name, ...[...origins].toSorted()].join(' '))) return;
  for (const node of selectionSet.selections) {
    if (node.kind === Kind.FIELD) {
      if (node.name.value !== '__typename') walkField(walk, node, type, origins);
      continue;
    }
    const inner = node.kind === Kind.INLINE_FRAGMENT ? node : walk.fragments.get(node.name.value);
    if (inner === undefined) continue;
    const condition = inner.typeCondition?.name.value;
    const narrowed = condition === undefined ? type : (walk.knowledge.schema.getType(condition) ?? type);
    walkSelections(walk, inner.selectionSet, narrowed, origins);
  }
};

/** True if the field has requirements, or inputs that it may give. */
const isGuarded = ({ requirements, inputs }: CacheKnowledge, at: string, node: FieldNode): boolean =>
  requirements.has(at) || inputs.given(at, node, anyValue).length > 0;

const walkField = (walk: Walk, node: FieldNode, type: GraphQLNamedType, origins: ReadonlySet<string>): void => {
  const { knowledge, strictest } = walk;
  const { selectionSet } = node;
  const name = node.name.value;
  const parents = possibleTypes(knowledge, type);
  // Introspection, or an unknown type.
  if (parents.length === 0 || name.startsWith('__')) strictest.keepAtMost(0);
  for (const parent of parents) {
    const field = parent.getFields()[name];
    const provided = knowledge.fields.get(coordinate(parent.name, name));
    if (field === undefined || provided === undefined) {
      strictest.keepAtMost(0);
      continue;
    }
    if (isGuarded(knowledge, coordinate(parent.name, name), node)) strictest.isPrivate = true;
    const returned = getNamedType(field.type);
    // Modules that provided the parent provide their own fields with it; other fields are fetched from every module
    // that has them.
    const near = provided.filter(({ module }) => origins.has(module));
    const sources = near.length > 0 ? near : provided;
    for (const hints of sources) {
      applyField(walk, hints, returned, origins);
      applyKeys(walk, parent.name, hints.module, origins);
    }
    applyReads(walk, parent.name, name, origins);
    if (selectionSet !== undefined)
      walkSelections(walk, selectionSet, returned, new Set(sources.map(({ module }) => module)));
  }
};

/**
 * Returns the policy of an operation, which is that of its strictest field. A root field or a list of objects without a
 * hint disables caching; a field with authorisation makes the answer private. Conditions are ignored: skipped fields
 * count.
 */
export const cachePolicyOf = (
  knowledge: CacheKnowledge,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): CachePolicy => {
  const query = knowledge.schema.getQueryType();
  if (operation.operation !== 'query' || !query) return NOT_AT_ALL;
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );
  const strictest = new Strictest();
  walkSelections({ knowledge, fragments, strictest, seen: new Map() }, operation.selectionSet, query, new Set());
  const maxAge = Number.isFinite(strictest.maxAge) ? strictest.maxAge : 0;
  return { maxAge, isPrivate: strictest.isPrivate, isLimited: strictest.isLimited };
};
