import { type DocumentNode, type OperationDefinitionNode, parse, type SelectionSetNode, visit } from 'graphql';
import { expect, test } from 'vitest';
import { graphOf } from '../../../test/support/execution/compiled-plan.ts';
import { graphModule } from '../../../test/support/execution/hand-made-plan.ts';
import type { Graph } from '../graph.ts';
import { CannotPlan } from './cannot-plan.ts';
import type { Plan } from './plan.ts';
import { PlanCache } from './plan-cache.ts';
import { DEFAULT_ROWS_BEFORE_CODE } from './row-codegen.ts';

const SDL = `
  type Query { node: Node  nodes: [Node!]!  item: Item  items: [Item] }
  type Node { id: ID!  left: Node  right: Node  name(of: String): String }
  interface Item { id: ID!  next: Item }
  type Book implements Item { id: ID!  next: Item  pages: Int }
  type Film implements Item { id: ID!  next: Item  minutes: Int }
  type Song implements Item { id: ID!  next: Item  beats: Int }
`;

/** A graph of one module. Its fields are properties. */
const graph = (): Graph => graphOf(SDL, [graphModule('all', SDL)]);

/** A plan cache with room for 1 MiB, so that small documents fill it. */
const smallCache = (): PlanCache => new PlanCache(graph(), DEFAULT_ROWS_BEFORE_CODE, 1_048_576);

const operationIn = (document: DocumentNode): OperationDefinitionNode => {
  const [operation] = document.definitions;
  if (operation?.kind !== 'OperationDefinition') throw new Error('Not an operation.');
  return operation;
};

/** A document that counts how many of its selections are read. */
const counted = (text: string) => {
  const looks = { at: 0 };
  const document = visit(parse(text), {
    SelectionSet: {
      leave: (node: SelectionSetNode) =>
        Object.defineProperty({ ...node }, 'selections', {
          get: () => {
            looks.at += node.selections.length;
            return node.selections;
          },
        }),
    },
  });
  let nodes = 0;
  const count = (): void => {
    nodes += 1;
  };
  visit(parse(text), { Field: count, FragmentSpread: count, InlineFragment: count });
  return { document, operation: operationIn(document), looks, nodes };
};

/** Fragments that each spread the next one twice: 2^depth fields if written out. */
const doubling = (depth: number): string =>
  Array.from(
    { length: depth },
    (_, at) => `fragment F${at} on Node { left { ...F${at + 1} } right { ...F${at + 1} } }`,
  ).join('\n');

const DOCUMENTS: Readonly<Record<string, string>> = {
  'a wide document': `{ ${Array.from({ length: 500 }, (_, at) => `n${at}: node { id name }`).join(' ')} }`,
  'a deep document': `{ node ${'{ left '.repeat(200)} { id } ${'}'.repeat(200)} }`,
  'fragments that double at each step': `{ node { ...F0 } } ${doubling(30)} fragment F30 on Node { id }`,
  'repeated fields and fragments': `{ ${'nodes { id name left { id } ...N } '.repeat(100)} } fragment N on Node { id right { id name } }`,
  'nested interfaces': `{ item ${'{ id next '.repeat(50)} { id ... on Book { pages } } ${'}'.repeat(50)} }`,
};

for (const [what, text] of Object.entries(DOCUMENTS))
  test(`compiling ${what} reads each node at most three times`, () => {
    const { document, operation, looks, nodes } = counted(text);
    const before = looks.at;
    const plan = new PlanCache(graph()).planOf(document, operation, {});
    expect(plan).not.toBeInstanceOf(CannotPlan);
    expect(looks.at - before).toBeGreaterThan(0);
    expect(looks.at - before).toBeLessThanOrEqual(3 * nodes);
  });

test('an operation is compiled once for each set of values of its conditions', () => {
  const plans = new PlanCache(graph());
  const document = parse('query ($a: Boolean!, $b: Boolean!) { node @include(if: $a) { id @skip(if: $b) name } }');
  const planFor = (a: boolean, b: boolean) => plans.planOf(document, operationIn(document), { a, b });
  expect(planFor(true, false)).toBe(planFor(true, false));
  expect(planFor(true, false)).not.toBe(planFor(true, true));
  expect(Object.keys((planFor(false, true) as { createResult(): object }).createResult())).toEqual([]);
});

test('conditions in fragments of other operations neither prevent a plan nor multiply it', () => {
  const plans = new PlanCache(graph());
  const document = parse(`
    query A($x: ID, $y: Boolean!) { node { id name(of: $x) ...Reached } }
    query B($x: Boolean!, $y: Boolean!) { ...Unreached }
    fragment Reached on Node { left { ...Deeper } }
    fragment Deeper on Node { right { id @skip(if: $y) } }
    fragment Unreached on Query { item @include(if: $x) { id } }
  `);
  const operation = operationIn(document);
  const plan = plans.planOf(document, operation, { x: 'text', y: true });
  expect(plan).not.toBeInstanceOf(CannotPlan);
  expect(plans.planOf(document, operation, { x: 'other', y: true })).toBe(plan);
  expect(plans.planOf(document, operation, { x: true, y: true })).toBe(plan);
  expect(plans.planOf(document, operation, { x: 'text', y: false })).not.toBe(plan);
  expect(plans.planOf(document, operation, { x: 'text', y: null })).toMatchObject({ reason: 'condition-not-boolean' });
});

test('at most 64 variants of an operation are kept', () => {
  const plans = new PlanCache(graph());
  const names = Array.from({ length: 8 }, (_, at) => `v${at}`);
  const document = parse(
    `query (${names.map((name) => `$${name}: Boolean!`).join()}) { node { ${names.map((name) => `${name}: id @skip(if: $${name})`).join(' ')} name } }`,
  );
  const planFor = (bits: number) =>
    plans.planOf(
      document,
      operationIn(document),
      Object.fromEntries(names.map((name, at) => [name, (bits & (1 << at)) !== 0])),
    );
  const first = planFor(0);
  for (let bits = 1; bits < 64; bits += 1) planFor(bits);
  expect(planFor(0)).toBe(first);
  planFor(64);
  expect(planFor(0)).not.toBe(first);
});

test('a document with too many fields is left to delegation with the reason too-large', () => {
  const text = `{ ${Array.from({ length: 20_001 }, (_, at) => `n${at}: node { id }`).join(' ')} }`;
  const document = parse(text);
  expect(new PlanCache(graph()).planOf(document, operationIn(document), {})).toMatchObject({ reason: 'too-large' });
});

test('the plan cache is bounded, and a plan in use stays in it', () => {
  const plans = smallCache();
  const large = (name: string) => {
    const document = parse(
      `query ${name} { ${Array.from({ length: 104 }, (_, at) => `n${at}: node { id }`).join(' ')} }`,
    );
    const operation = operationIn(document);
    return () => plans.planOf(document, operation, {});
  };
  const [used, unused] = [large('used'), large('unused')];
  const [inUse, notInUse] = [used(), unused()];
  for (let at = 0; at < 10; at += 1) {
    large(`other${at}`)();
    expect(used()).toBe(inUse);
  }
  expect(unused()).not.toBe(notInUse);
});

test('adding a plan does not read the kept plans', () => {
  const plans = new PlanCache(graph());
  const planOf = (text: string) => {
    const document = parse(text);
    return plans.planOf(document, operationIn(document), {});
  };
  let looks = 0;
  for (let at = 0; at < 100; at += 1) {
    const plan = planOf(`{ n${at}: node { id } }`);
    if (plan instanceof CannotPlan) throw plan;
    const { fields } = plan;
    Object.assign(plan, {
      fields: () => {
        looks += 1;
        return fields();
      },
    });
  }
  planOf('{ last: node { id } }');
  expect(looks).toBe(0);
});

/** Compiles an operation and returns whether it is still kept. */
const compiledIn = (plans: PlanCache, text: string) => {
  const document = parse(text);
  const planOf = () => plans.planOf(document, operationIn(document), {});
  const made = planOf();
  return { made, isKept: () => planOf() === made };
};

test('the documents of kept plans count: a long document with few fields takes much memory', () => {
  const plans = smallCache();
  const first = compiledIn(plans, '{ node { id } }');
  for (let at = 0; at < 12; at += 1) compiledIn(plans, `query Q${at} { node { ${'name '.repeat(400)} } }`);
  expect(first.isKept()).toBe(false);
});

test('fields that are added to a running plan count', () => {
  const types = graph().schema.getPossibleTypes(graph().schema.getType('Item') as never); // Item is an interface
  const wide = Array.from({ length: 50 }, (_, at) => `n${at}: next { id }`).join(' ');
  const run = ({ made }: { made: Plan | CannotPlan }) => {
    const [field] = made instanceof CannotPlan ? [] : made.answers.values();
    if (typeof field !== 'object' || field.shape.is !== 'abstract') throw new Error('Not an interface.');
    for (const type of types) field.shape.selectionOf(type);
  };
  const keepsTheFirst = (theyRun: boolean): boolean => {
    const plans = smallCache();
    const first = compiledIn(plans, '{ node { id } }');
    const all = Array.from({ length: 7 }, (_, at) => compiledIn(plans, `query Q${at} { item { ${wide} } }`));
    if (theyRun) all.forEach(run);
    compiledIn(plans, '{ last: node { id } }');
    return first.isKept();
  };
  expect(keepsTheFirst(false)).toBe(true);
  expect(keepsTheFirst(true)).toBe(false);
});
