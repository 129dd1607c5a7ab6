import { type DocumentNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql';

/**
 * Maximum number of pairs of fields with one response key at one place. Validation compares each pair (OverlappingFieldsCanBeMerged
 * of graphql-js), at about 1 us. 200 fragments at one place, each with `id` and `__typename`, make 39,800 pairs.
 */
export const MAX_COMPARED = 40_000;

/** Maximum number of selections that are read. Documents within the other limits have fewer, unless fragments are in a circle. */
const MAX_READ = 20_000;

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** The selection sets of the fields with one response key. */
interface SameKey {
  count: number;
  readonly sets: SelectionSetNode[];
}

/** Collects the fields of selection sets at one place, with fragments expanded, by response key. Each fragment is read once. */
const fieldsAt = (sets: readonly SelectionSetNode[], fragments: Fragments, onRead: () => void): Iterable<SameKey> => {
  const fields = new Map<string, SameKey>();
  const spread = new Set<string>();
  const open = [...sets];
  for (let set = open.pop(); set !== undefined; set = open.pop())
    for (const node of set.selections) {
      onRead();
      if (node.kind === Kind.FIELD) {
        const key = (node.alias ?? node.name).value;
        const same = fields.get(key) ?? { count: 0, sets: [] };
        same.count += 1;
        if (node.selectionSet !== undefined) same.sets.push(node.selectionSet);
        fields.set(key, same);
      } else if (node.kind === Kind.INLINE_FRAGMENT) open.push(node.selectionSet);
      else if (!spread.has(node.name.value)) {
        spread.add(node.name.value);
        const fragment = fragments.get(node.name.value);
        if (fragment !== undefined) open.push(fragment.selectionSet);
      }
    }
  return fields.values();
};

const pairsOf = (root: SelectionSetNode, fragments: Fragments): number => {
  let read = 0;
  let pairs = 0;
  const onRead = (): void => {
    read += 1;
  };
  const open: (readonly SelectionSetNode[])[] = [[root]];
  for (let sets = open.pop(); sets !== undefined && pairs <= MAX_COMPARED && read <= MAX_READ; sets = open.pop())
    for (const same of fieldsAt(sets, fragments, onRead)) {
      pairs += (same.count * (same.count - 1)) / 2;
      if (same.sets.length > 0) open.push(same.sets);
    }
  return pairs;
};

/**
 * Returns the number of pairs of fields with one response key at one place in an operation, of the operation with the most pairs.
 * Stops above MAX_COMPARED.
 */
export const comparedPairs = ({ definitions }: DocumentNode): number => {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of definitions) if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  let most = 0;
  for (const node of definitions)
    if (node.kind === Kind.OPERATION_DEFINITION) most = Math.max(most, pairsOf(node.selectionSet, fragments));
  return most;
};
