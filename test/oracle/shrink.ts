import {
  type ASTNode,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  parse,
  print,
  type SelectionNode,
  validate,
  visit,
} from 'graphql';
import type { Case, Outcome, Pair } from './pair.ts';

const MAX_TRIES = 2_000;

/** A difference without its details. */
const kindOf = (difference = ''): string => difference.replaceAll(/\[.*?\]|"[^"]*"|-?\d+/g, '').slice(0, 24);

/** Removes variables and fragments that are not used. */
const pruned = (document: DocumentNode): DocumentNode => {
  const variables = new Set<string>();
  const fragments = new Set<string>();
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name }) => void variables.add(name.value),
    FragmentSpread: ({ name }) => void fragments.add(name.value),
  });
  const before = document.definitions.length;
  const kept = visit(document, {
    VariableDefinition: ({ variable }) => (variables.has(variable.name.value) ? undefined : null),
    FragmentDefinition: ({ name }) => (fragments.has(name.value) ? undefined : null),
  });
  return kept.definitions.length === before ? kept : pruned(kept);
};

const isSelection = (node: ASTNode): node is SelectionNode =>
  node.kind === Kind.FIELD || node.kind === Kind.INLINE_FRAGMENT || node.kind === Kind.FRAGMENT_SPREAD;

/** The document without one node, or with a fragment's fields in the place of the fragment. */
const without = (document: DocumentNode, target: ASTNode, how: 'remove' | 'open'): DocumentNode => {
  const definition = document.definitions.find(
    (one) =>
      target.kind === Kind.FRAGMENT_SPREAD &&
      one.kind === Kind.FRAGMENT_DEFINITION &&
      one.name.value === target.name.value,
  );
  return visit(document, {
    SelectionSet: {
      leave: (node) => {
        const selections = node.selections.flatMap((one): readonly SelectionNode[] => {
          if (!isTarget(one, target)) return [one];
          if (how === 'remove') return [];
          if (one.kind === Kind.INLINE_FRAGMENT) return one.selectionSet.selections;
          if (definition?.kind !== Kind.FRAGMENT_DEFINITION) return [one];
          const { typeCondition, selectionSet } = definition;
          return [{ kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet }];
        });
        return selections.length === node.selections.length && how === 'remove' ? undefined : { ...node, selections };
      },
    },
    enter: (node) => (!isSelection(node) && node === target && how === 'remove' ? null : undefined),
  });
};

// A visit may have copied the node; its location stays.
const isTarget = (node: ASTNode, target: ASTNode): boolean =>
  node === target || (node.loc !== undefined && node.loc === target.loc && node.kind === target.kind);

function* smaller(document: DocumentNode): Generator<DocumentNode> {
  const nodes: ASTNode[] = [];
  visit(document, { enter: (node) => void nodes.push(node) });
  for (const node of nodes)
    if (
      isSelection(node) ||
      node.kind === Kind.ARGUMENT ||
      node.kind === Kind.DIRECTIVE ||
      node.kind === Kind.OBJECT_FIELD
    )
      yield without(document, node, 'remove');
  for (const node of nodes)
    if (node.kind === Kind.FRAGMENT_SPREAD || node.kind === Kind.INLINE_FRAGMENT) yield without(document, node, 'open');
}

/** True if part of it selects nothing. */
const isHollow = (document: DocumentNode): boolean => {
  let hollow = document.definitions.length === 0;
  visit(document, {
    SelectionSet: ({ selections }) => {
      hollow ||= selections.length === 0;
    },
  });
  return hollow;
};

/** The next smaller case with the same difference; null for none. */
type Step = (found: Shrunk) => AsyncGenerator<Case>;

export interface Shrunk {
  readonly one: Case;
  readonly outcome: Outcome;
}

const documents = (schema: GraphQLSchema): Step =>
  async function* ({ one }) {
    for (const candidate of smaller(one.document)) {
      const document = pruned(candidate);
      // Parsed again, because plans are cached by the operation's node.
      if (!isHollow(document) && validate(schema, document).length === 0)
        yield { ...one, document: parse(print(document)) };
    }
  };

const variables: Step = async function* ({ one }) {
  for (const name of Object.keys(one.variables)) {
    const { [name]: _, ...others } = one.variables;
    yield { ...one, variables: others };
  }
};

const faults: Step = async function* ({ one, outcome }) {
  if (outcome.broken.length > 0) yield { ...one, weather: { ...one.weather, faults: 0 } };
  for (const place of outcome.broken)
    yield { ...one, weather: { ...one.weather, mended: new Set([...one.weather.mended, place]) } };
};

/** Removes everything from a failing case that the failure does not need. */
export const shrink = async (pair: Pair, first: Shrunk): Promise<Shrunk> => {
  const kind = kindOf(first.outcome.differences[0]);
  const steps = [documents(pair.gateway.schema), faults, variables];
  let found = first;
  let tries = 0;
  const next = async (step: Step): Promise<boolean> => {
    for await (const one of step(found)) {
      tries += 1;
      if (tries > MAX_TRIES) return false;
      const outcome = await pair.run(one);
      if (!outcome.differences.some((difference) => kindOf(difference) === kind)) continue;
      found = { one, outcome };
      return true;
    }
    return false;
  };
  for (let moved = true; moved; ) {
    moved = false;
    for (const step of steps) while (await next(step)) moved = true;
  }
  return found;
};
