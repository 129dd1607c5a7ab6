import {
  type DocumentNode,
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
import { type CacheHint, type CacheHints, type FieldHints, type TypeHints, typeIn } from './cache-hints.ts';
import { coordinate, type Requirements } from './requirement.ts';

/** How long, and by whom, the answer to an operation may be kept. */
export interface CachePolicy {
  /** In seconds; 0 keeps nothing. */
  readonly maxAge: number;
  readonly isPrivate: boolean;
  /** Whether some field counts against a limit, which an answer that was kept would not do. */
  readonly isLimited: boolean;
}

export interface CacheKnowledge {
  readonly schema: GraphQLSchema;
  readonly fields: CacheHints;
  readonly types: TypeHints;
  readonly requirements: Requirements;
  /** Modules whose upstreams are told something of the caller, so that what they give may differ from caller to caller. */
  readonly personal: ReadonlySet<string>;
}

const NOT_AT_ALL: CachePolicy = { maxAge: 0, isPrivate: false, isLimited: false };

/** Policies only ever become stricter. */
class Strictest {
  maxAge = Number.POSITIVE_INFINITY;
  isPrivate = false;
  isLimited = false;

  keepAtMost(maxAge: number): void {
    this.maxAge = Math.min(this.maxAge, maxAge);
  }

  heed(hint: CacheHint): void {
    this.isPrivate ||= hint.isPrivate;
    if (hint.maxAge !== undefined) this.keepAtMost(hint.maxAge);
  }
}

interface Walk {
  readonly knowledge: CacheKnowledge;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly strictest: Strictest;
  /**
   * What was walked already, by type and origin: what many fragments spread, and what is below a field of several types, would
   * else be walked as many times as ways lead there.
   */
  readonly seen: Map<SelectionSetNode, Set<string>>;
}

const possibleTypes = ({ schema }: CacheKnowledge, type: GraphQLNamedType): readonly GraphQLObjectType[] => {
  if (isObjectType(type)) return [type];
  return isAbstractType(type) ? schema.getPossibleTypes(type) : [];
};

/**
 * What one module's field says. Without a hint of its own, a field of objects goes by the hint that the same module gives
 * their type; any other by what holds for its parent, if the same module brought that, or gave its type a hint.
 */
const heedField = (walk: Walk, hints: FieldHints, returned: GraphQLNamedType, origins: ReadonlySet<string>): void => {
  const { strictest, knowledge } = walk;
  if (knowledge.personal.has(hints.module)) strictest.isPrivate = true;
  if (hints.isLimited) strictest.isLimited = true;
  strictest.heed(hints.own);
  if (hints.own.maxAge !== undefined || hints.own.inherits) return;
  if (!isLeafType(returned)) {
    const ofReturned = knowledge.types.get(typeIn(hints.module, returned.name));
    if (ofReturned !== undefined) strictest.heed(ofReturned);
    if (ofReturned?.maxAge === undefined && !ofReturned?.inherits) strictest.keepAtMost(0);
    return;
  }
  strictest.isPrivate ||= hints.ofType.isPrivate;
  if (!origins.has(hints.module)) strictest.keepAtMost(hints.ofType.maxAge ?? 0);
};

/** True the first time. */
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
      if (node.name.value !== '__typename') walkField(walk, node.name.value, node.selectionSet, type, origins);
      continue;
    }
    const inner = node.kind === Kind.INLINE_FRAGMENT ? node : walk.fragments.get(node.name.value);
    if (inner === undefined) continue;
    const condition = inner.typeCondition?.name.value;
    const narrowed = condition === undefined ? type : (walk.knowledge.schema.getType(condition) ?? type);
    walkSelections(walk, inner.selectionSet, narrowed, origins);
  }
};

const walkField = (
  walk: Walk,
  name: string,
  selectionSet: SelectionSetNode | undefined,
  type: GraphQLNamedType,
  origins: ReadonlySet<string>,
): void => {
  const { knowledge, strictest } = walk;
  const parents = possibleTypes(knowledge, type);
  // Introspection, or nothing that the modules know of.
  if (parents.length === 0 || name.startsWith('__')) strictest.keepAtMost(0);
  for (const parent of parents) {
    const field = parent.getFields()[name];
    const given = knowledge.fields.get(coordinate(parent.name, name));
    if (field === undefined || given === undefined) {
      strictest.keepAtMost(0);
      continue;
    }
    if (knowledge.requirements.has(coordinate(parent.name, name))) strictest.isPrivate = true;
    const returned = getNamedType(field.type);
    // A field that the parent's own module gives is read there; any other is fetched by whoever gives it.
    const near = given.filter(({ module }) => origins.has(module));
    const sources = near.length > 0 ? near : given;
    for (const hints of sources) heedField(walk, hints, returned, origins);
    if (selectionSet !== undefined)
      walkSelections(walk, selectionSet, returned, new Set(sources.map(({ module }) => module)));
  }
};

/**
 * The policy of an operation: that of its strictest field. A root field or a list of objects without a hint keeps nothing; a field
 * that somebody may be refused makes the answer private. Conditions are not looked at: what may be skipped counts.
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
