import { type DefinitionNode, type DocumentNode, Kind, type SelectionNode, type SelectionSetNode } from 'graphql';

/** Totals of an operation or fragment with expanded fragments. A fragment counts as often as it is spread. */
export interface ExpandedTotals {
  /** Fields from the root to the deepest leaf, without introspection fields and their selections. */
  readonly depth: number;
  readonly selections: number;
  /** Aliased fields, and repetitions of a field in one selection set. */
  readonly aliases: number;
  readonly rootFields: number;
}

/** Totals of a document. */
export interface DocumentTotals {
  readonly operations: readonly ExpandedTotals[];
  /** Total of all definitions, without expanding fragments. */
  readonly directives: number;
}

interface Spread {
  readonly fragment: string;
  /** Number of enclosing fields. */
  readonly below: number;
  readonly isIntrospection: boolean;
}

/** Totals of one definition, without its spreads. */
interface Part extends ExpandedTotals {
  readonly spreads: readonly Spread[];
  readonly directives: number;
}

interface Place {
  readonly selectionSet: SelectionSetNode;
  readonly below: number;
  readonly isIntrospection: boolean;
}

const responseName = (node: SelectionNode): string | null =>
  node.kind === Kind.FIELD && node.alias === undefined ? node.name.value : null;

const repeatedIn = ({ selections }: SelectionSetNode): number => {
  const names = selections.map(responseName).filter((name) => name !== null);
  return names.length - new Set(names).size;
};

/** Reads a definition iteratively: deep nesting needs no stack. */
const readPart = (selectionSet: SelectionSetNode): Part => {
  const part = { depth: 0, selections: 0, aliases: 0, rootFields: 0, directives: 0 };
  const spreads: Spread[] = [];
  const open: Place[] = [{ selectionSet, below: 0, isIntrospection: false }];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const { below, isIntrospection } = place;
    part.aliases += repeatedIn(place.selectionSet);
    for (const node of place.selectionSet.selections) {
      part.selections += 1;
      part.directives += node.directives?.length ?? 0;
      if (node.kind === Kind.FRAGMENT_SPREAD) {
        spreads.push({ fragment: node.name.value, below, isIntrospection });
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        open.push({ selectionSet: node.selectionSet, below, isIntrospection });
      } else {
        const hidden = isIntrospection || node.name.value.startsWith('__');
        if (!hidden) part.depth = Math.max(part.depth, below + 1);
        if (below === 0) part.rootFields += 1;
        if (node.alias !== undefined) part.aliases += 1;
        if (node.selectionSet !== undefined)
          open.push({ selectionSet: node.selectionSet, below: below + 1, isIntrospection: hidden });
      }
    }
  }
  return { ...part, spreads };
};

const NOTHING: ExpandedTotals = { depth: 0, selections: 0, aliases: 0, rootFields: 0 };

const expanded = (part: Part, totalsOf: (fragment: string) => ExpandedTotals): ExpandedTotals =>
  part.spreads.reduce<ExpandedTotals>((sum, { fragment, below, isIntrospection }) => {
    const { depth, selections, aliases, rootFields } = totalsOf(fragment);
    return {
      depth: isIntrospection || depth === 0 ? sum.depth : Math.max(sum.depth, below + depth),
      selections: sum.selections + selections,
      aliases: sum.aliases + aliases,
      rootFields: below === 0 ? sum.rootFields + rootFields : sum.rootFields,
    };
  }, part);

/**
 * Sorts fragments so that each follows those that it spreads, without recursion. Cycles are in any order: validation
 * refuses them.
 */
const inOrder = (fragments: ReadonlyMap<string, Part>): ReadonlyMap<string, Part> => {
  const seen = new Set<string>();
  const order = new Map<string, Part>();
  const open = [...fragments.keys()].map((name) => ({ name, isRead: false }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { name, isRead } = next;
    const part = fragments.get(name);
    if (part === undefined) continue;
    if (isRead) order.set(name, part);
    else if (!seen.has(name)) {
      seen.add(name);
      open.push({ name, isRead: true }, ...part.spreads.map(({ fragment }) => ({ name: fragment, isRead: false })));
    }
  }
  return order;
};

const ofDefinition = (node: DefinitionNode): number => {
  if (node.kind === Kind.FRAGMENT_DEFINITION) return node.directives?.length ?? 0;
  if (node.kind !== Kind.OPERATION_DEFINITION) return 0;
  const variables = (node.variableDefinitions ?? []).map(({ directives }) => directives?.length ?? 0);
  return variables.reduce((sum, count) => sum + count, node.directives?.length ?? 0);
};

/**
 * Reads a parsed document before validation: fragments may be missing or cyclic. Each is read once, however often it is
 * spread.
 */
export const readDocument = ({ definitions }: DocumentNode): DocumentTotals => {
  const operations: Part[] = [];
  const fragments = new Map<string, Part>();
  let directives = 0;
  for (const node of definitions) {
    directives += ofDefinition(node);
    if (node.kind !== Kind.OPERATION_DEFINITION && node.kind !== Kind.FRAGMENT_DEFINITION) continue;
    const part = readPart(node.selectionSet);
    directives += part.directives;
    if (node.kind === Kind.OPERATION_DEFINITION) operations.push(part);
    else fragments.set(node.name.value, part);
  }

  const known = new Map<string, ExpandedTotals>();
  const totalsOf = (fragment: string): ExpandedTotals => known.get(fragment) ?? NOTHING;
  for (const [name, part] of inOrder(fragments)) known.set(name, expanded(part, totalsOf));
  return { operations: operations.map((part) => expanded(part, totalsOf)), directives };
};
