import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import {
  compiled,
  errorLines,
  executed,
  graphOf,
  selectionBelow,
} from '../../../test/support/execution/compiled-plan.ts';
import { graphModule } from '../../../test/support/execution/hand-made-plan.ts';
import type { RowGroup } from './plan.ts';

const SDL = `
  type Query { rows: [Row] }
  enum Colour { RED }
  type Row { id: ID!  text: String  whole: Int  real: Float  flag: Boolean  colour: Colour  must: String! }
`;
const DOCUMENT = '{ rows { id  text  name: text  whole  real  flag  colour  kind: __typename  must } }';

const VALID = { id: 'a', text: 't', whole: 1, real: 1.5, flag: true, colour: 'RED', must: 'm' };

class Row {
  readonly id = 'a';
  readonly must = 'm';
  get text() {
    return 'from a getter';
  }
}

const ROWS: readonly unknown[] = [
  VALID,
  { id: 7, must: 'numbers are ids' },
  { ...VALID, text: undefined, whole: null, real: 2, flag: null, colour: null },
  { ...VALID, text: 5, whole: '5', real: '1.5', flag: 1 },
  { ...VALID, whole: 1.5 },
  { ...VALID, real: Number.NaN },
  { ...VALID, colour: 'GREEN' },
  { ...VALID, must: null },
  { ...VALID, id: null },
  { ...VALID, text: Promise.resolve('late') },
  { ...VALID, text: () => 'computed' },
  { ...VALID, text: { toString: () => 'an object' } },
  Object.assign(Object.create(null), VALID),
  new Row(),
  null,
];

const graph = (rows: readonly unknown[] = []) =>
  graphOf(SDL, [graphModule('all', SDL, { resolvers: { Query: { rows: () => rows } } })]);

// Row by row: one row that generated code cannot copy leaves its whole row group to field-by-field execution.
test.each(ROWS.map((row, at) => [at, row]))(
  'generated code and field-by-field execution agree on row %i',
  async (_, row) => {
    const generated = await executed(graph([row]), DOCUMENT, {}, 0);
    const byField = await executed(graph([row]), DOCUMENT);
    expect(JSON.stringify(generated.data)).toBe(JSON.stringify(byField.data));
    expect(errorLines(generated)).toEqual(errorLines(byField));
  },
);

/** Copies one row by generated code. */
const copied = (row: unknown) => {
  const group: RowGroup = { values: [], results: [], arePlainFieldsSet: true };
  const result = selectionBelow(compiled(graph(), DOCUMENT, {}, 0), 'rows').createResult(row, group);
  return { result, isCopied: group.arePlainFieldsSet };
};

test('a plain row is copied in one step, with its keys in document order', () => {
  const { result, isCopied } = copied(VALID);
  expect(isCopied).toBe(true);
  expect(Object.keys(result).join(' ')).toBe('id text name whole real flag colour kind must');
  expect(result).toMatchObject({ ...VALID, name: 't', kind: 'Row' });
});

test('a row with one value that needs completion is left to field-by-field execution, with all its keys', () => {
  for (const row of [{ ...VALID, text: Promise.resolve('late') }, { ...VALID, must: null }, new Row()]) {
    const { result, isCopied } = copied(row);
    expect(isCopied).toBe(false);
    expect(Object.keys(result).join(' ')).toBe('id text name whole real flag colour kind must');
    expect(Object.values(result).filter((value) => value !== null)).toEqual(['Row']);
  }
});

test('code is generated once a selection has had enough rows', () => {
  const { createResult } = selectionBelow(compiled(graph(), DOCUMENT, {}, 2), 'rows');
  const groups = Array.from({ length: 3 }, (): RowGroup => ({ values: [], results: [], arePlainFieldsSet: true }));
  for (const group of groups) createResult(VALID, group);
  expect(groups.map(({ arePlainFieldsSet }) => arePlainFieldsSet)).toEqual([false, false, true]);
});

test('a process that forbids code from strings executes rows without generated code', () => {
  const file = JSON.stringify(new URL('./row-codegen.ts', import.meta.url).href);
  const program = `const { plainFieldsCopier } = await import(${file}); console.log(plainFieldsCopier([], 0)({}, {}));`;
  const printed = (...flags: readonly string[]) =>
    execFileSync(process.execPath, [...flags, '--input-type=module', '--eval', program], { encoding: 'utf8' });
  expect(printed()).toBe('true\n');
  expect(printed('--disallow-code-generation-from-strings')).toBe('false\n');
});
