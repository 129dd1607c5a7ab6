import { signedIn } from 'tributary/testing';
import { describe, expect, test } from 'vitest';
import { ANONYMOUS } from '../../../src/request/request-context.ts';
import { EXECUTIONS, executedBy } from '../../support/gateway/executed.ts';
import { inputsModule, joinedModule } from './inputs-module.ts';

interface Row {
  readonly what: string;
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Scopes of the caller; anonymous without. */
  readonly scopes?: readonly string[];
  /** Path, code and argument of each error. */
  readonly errors: readonly string[];
  /** Number of executed fields. */
  readonly calls?: number;
  /** True if delegation reads the inputs of a join before the decision on its fields. */
  readonly isReadByReference?: boolean;
}

const REFUSED: readonly Row[] = [
  {
    what: 'an argument',
    query: '{ find(hidden: false) }',
    scopes: [],
    errors: ['find FORBIDDEN hidden'],
  },
  {
    what: 'an argument that is null',
    query: '{ find(hidden: null) }',
    scopes: [],
    errors: ['find FORBIDDEN hidden'],
  },
  {
    what: 'an argument with a value that equals its default',
    query: '{ find(hidden: true) }',
    errors: ['find UNAUTHENTICATED hidden'],
  },
  {
    what: 'an argument from a variable, under an alias in a fragment',
    query: 'query ($h: Boolean) { ...F } fragment F on Query { ... { x: find(hidden: $h) } }',
    variables: { h: true },
    errors: ['x UNAUTHENTICATED hidden'],
  },
  {
    what: 'an argument from a variable with a default of the document',
    query: 'query ($h: Boolean = true) { find(hidden: $h) }',
    errors: ['find UNAUTHENTICATED hidden'],
  },
  {
    what: 'an enum as an argument',
    query: 'query ($m: Mode) { find(mode: $m) other: find(mode: PLAIN) }',
    variables: { m: 'WILD' },
    errors: ['find UNAUTHENTICATED mode', 'other UNAUTHENTICATED mode'],
  },
  {
    what: 'an input field of a literal',
    query: '{ list(where: { secret: "s" }) }',
    scopes: [],
    errors: ['list FORBIDDEN where.secret'],
  },
  {
    what: 'an input field at any depth of a variable',
    query: 'query ($w: Where) { list(where: $w) }',
    variables: { w: { deep: { many: [{ text: 'a' }, { deep: { secret: null } }] } } },
    errors: ['list UNAUTHENTICATED where.deep.many[1].deep.secret'],
  },
  {
    what: 'an input field in a default of the document',
    query: 'query ($w: Where = { many: { secret: "s" } }) { list(where: $w) }',
    errors: ['list UNAUTHENTICATED where.many.secret'],
  },
  {
    what: 'an input field from a variable in a literal',
    query: 'query ($s: String) { list(where: { deep: { secret: $s } }) }',
    variables: { s: 's' },
    errors: ['list UNAUTHENTICATED where.deep.secret'],
  },
  {
    what: 'an input field in nested lists',
    query: 'query ($w: [[Where!]]) { lists(where: $w) }',
    variables: { w: [[{ text: 'a' }], [{ text: 'b' }, { secret: 'c' }]] },
    errors: ['lists UNAUTHENTICATED where[1][1].secret'],
  },
  {
    what: 'an input field of one value for a list of lists',
    query: 'query ($w: [[Where!]]) { lists(where: $w) }',
    variables: { w: { secret: 'c' } },
    errors: ['lists UNAUTHENTICATED where.secret'],
  },
  {
    what: 'an input field by a second path',
    query: 'query ($a: All) { lists(all: $a) }',
    variables: { a: { where: { secret: 'c' } } },
    errors: ['lists UNAUTHENTICATED all.where.secret'],
  },
  {
    what: 'an input field that an extension adds, in a field that an extension adds',
    query: '{ extended(where: { late: 1 }) }',
    errors: ['extended UNAUTHENTICATED where.late'],
  },
  {
    what: 'an input of a mutation',
    query: 'mutation ($w: Where!) { save(input: $w) { where } again: save(input: { secret: "a" }) { where } }',
    variables: { w: { secret: 'c' } },
    errors: ['save UNAUTHENTICATED input.secret', 'again UNAUTHENTICATED input.secret'],
  },
  {
    what: 'an argument of a policy that its value does not meet',
    query: '{ owner(by: 3) }',
    errors: ['owner UNAUTHENTICATED by'],
  },
  {
    what: 'an argument of an interface, at the types that implement it',
    query: '{ named { name(style: "bold") } }',
    errors: ['named.0.name UNAUTHENTICATED style', 'named.1.name UNAUTHENTICATED style'],
  },
  {
    what: 'an argument of an interface, at members of a union',
    query: '{ any { ... on Thing { name(style: "bold") } ... on Other { n: name(style: "bold") } } }',
    errors: ['any.0.name UNAUTHENTICATED style', 'any.1.n UNAUTHENTICATED style'],
  },
  {
    what: 'an argument of a field of every row',
    query: 'query ($s: String) { things { name(style: $s) } }',
    variables: { s: 'bold' },
    errors: [0, 1, 2].map((at) => `things.${at}.name UNAUTHENTICATED style`),
  },
  {
    what: 'an argument of a joined field',
    query: '{ thing { label(text: "a") } }',
    errors: ['thing.label UNAUTHENTICATED text'],
  },
  {
    what: 'a field that is computed from one with a guarded argument',
    query: '{ thing { stamped } }',
    errors: ['thing.stamped UNAUTHENTICATED'],
    isReadByReference: true,
  },
  {
    what: 'an input below a joined field',
    query: '{ labelled { parts(of: { deep: { secret: "a" } }) { id } } }',
    errors: ['labelled.parts UNAUTHENTICATED of.deep.secret'],
  },
  {
    what: 'fields that return a guarded enum',
    query: '{ level levels thing { level } named { level } }',
    errors: ['level', 'levels', 'thing.level', 'named.0.level', 'named.1.level'].map((at) => `${at} UNAUTHENTICATED`),
  },
];

const ADMITTED: readonly Row[] = [
  { what: 'an argument that is not given', query: '{ find(text: "a") }', errors: [], calls: 1 },
  {
    what: 'an argument from a variable without a value',
    query: 'query ($h: Boolean, $m: Mode) { find(hidden: $h, mode: $m) }',
    errors: [],
    calls: 1,
  },
  { what: 'a default of the schema with a guarded input field', query: '{ list }', errors: [], calls: 1 },
  {
    what: 'an input object without its guarded fields',
    query: 'query ($w: Where) { list(where: $w) lists(where: [[{ text: "a" }]]) }',
    variables: { w: { text: 'a', many: [{ hidden: true }] } },
    errors: [],
    calls: 2,
  },
  {
    what: 'an input object with an absent variable in a guarded field',
    query: 'query ($s: String) { list(where: { secret: $s }) }',
    errors: [],
    calls: 1,
  },
  { what: 'a policy of an argument that is not given', query: '{ owner }', errors: [], calls: 1 },
  { what: 'a policy that the value of an argument meets', query: '{ owner(by: 4) }', errors: [], calls: 1 },
  {
    what: 'a caller with the scopes',
    query: `query ($w: Where) {
      find(hidden: false, mode: WILD) list(where: $w) level thing { name(style: "bold") label(text: "a") stamped level }
    }`,
    variables: { w: { secret: 's', late: 1 } },
    scopes: ['hidden', 'secret', 'level', 'style', 'label'],
    errors: [],
  },
  {
    what: 'plain fields of a type with guarded arguments',
    query: '{ things { name } named { name } labelled { label } }',
    errors: [],
  },
];

const lineOf = ({ path = [], extensions }: { path?: unknown; extensions?: Record<string, unknown> }) =>
  [(path as unknown[]).join('.'), extensions?.code, Object(extensions?.details).argument].filter(Boolean).join(' ');

describe.each(EXECUTIONS)('%s execution', (execution) => {
  const run = async ({ query, variables, scopes }: Row) => {
    const calls: string[] = [];
    const principal = scopes === undefined ? ANONYMOUS : signedIn({ scopes });
    const ask = executedBy(execution, [inputsModule(calls), joinedModule(calls)], { principal });
    const { data, errors = [] } = await ask(query, variables);
    return { data, errors: errors.map(lineOf).toSorted(), calls };
  };

  test.each(REFUSED)('a caller without the right is refused $what, and nothing is executed', async (row) => {
    const { errors, calls } = await run(row);
    expect(errors).toEqual(row.errors.toSorted());
    expect(calls).toHaveLength(execution === 'reference' && row.isReadByReference === true ? 1 : 0);
  });

  test.each(ADMITTED)('$what: the field is executed', async (row) => {
    const { errors, calls } = await run(row);
    expect(errors).toEqual([]);
    if (row.calls !== undefined) expect(calls).toHaveLength(row.calls);
  });

  test('siblings of a refused field are answered', async () => {
    const { data, calls } = await run({ what: '', query: '{ find(hidden: true) list }', errors: [] });
    expect(data).toEqual({ find: null, list: 'list' });
    expect(calls).toHaveLength(1);
  });
});

test('compare mode finds no difference of the two executions for guarded inputs', async () => {
  const differences: string[] = [];
  const report = { differed: (difference: unknown) => differences.push(JSON.stringify(difference)) };
  for (const { query, variables, scopes } of [...REFUSED, ...ADMITTED]) {
    const principal = scopes === undefined ? ANONYMOUS : signedIn({ scopes });
    await executedBy('compare', [inputsModule([]), joinedModule([])], { principal, report })(query, variables);
  }
  expect(differences).toEqual([]);
});
