import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startNode } from '../support/processes/processes.ts';

const run = async (command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const running = startNode('scripts/launch.js', ['src/cli/main.ts', command, ...args], { env });
  onTestFinished(() => running.stop().then(() => {}));
  const { code } = await running.ended;
  return { code, output: running.output() };
};

const plan = (...args: readonly string[]) => run('plan', args);
const blastRadius = (...args: readonly string[]) => run('blast-radius', args);

/** A folder with these files, by name. */
const files = (texts: Readonly<Record<string, string>>): ((name: string) => string) => {
  const folder = mkdtempSync(join(tmpdir(), 'operations-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
  return (name) => join(folder, name);
};

test('npm run plan needs modules and no endpoints', async () => {
  const { code, output } = await plan('query Stock { product(id: "p1") { stock { available } } }');
  expect(code).toBe(0);
  expect(output).toBe(`query Stock
Cost: 5

wave  step             backend    how
1     product Product  catalog    resolver
        join           inventory  by id, no loader
2         stock Stock  inventory  loader stockById, key id
            available  inventory  property

Number: wave in which the step calls its backend (a resolver may). Calls of a wave are concurrent.
A step waits only for the step that it is indented under, and a join for the inputs in its line.
`);
});

const TWO = 'query A { orders { id } } query B($id: ID!) { product(id: $id) { name } }';

test('an operation is chosen by its name', async () => {
  const { code, output } = await plan(TWO, '--operation', 'B');
  expect([code, output.split('\n')[0]]).toEqual([0, 'query B']);
  const { code: refused, output: why } = await plan(TWO);
  expect([refused, why.split('\n')[0]]).toEqual([2, 'Choose an operation with --operation: the document has A, B.']);
});

test('every error of an invalid document is reported with its place', async () => {
  const { code, output } = await plan('{\n  ordres { id }\n  orders(first: "x") { id }\n}');
  expect(code).toBe(2);
  expect(output).toBe(`The gateway would reject this document:
  query:2:3  Cannot query field "ordres" on type "Query". Did you mean "orders" or "order"?
  query:3:17  Int cannot represent non-integer value: "x"
`);
});

test('a limit of the environment applies', async () => {
  const { code, output } = await run('plan', ['{ orders { items { quantity } } }'], { MAX_DEPTH: '2' });
  expect(code).toBe(2);
  expect(output).toContain('query  Fields are nested more than 2 levels deep.');
});

test.each([
  [[], 'No query given.'],
  [['{ a }', '--variables', '[]'], '--variables must be a JSON object, not []'],
])('npm run plan with %j is refused with the reason and the usage', async (args, reason) => {
  const { code, output } = await plan(...args);
  expect(code).toBe(2);
  expect(output).toContain(reason);
  expect(output).toContain('Usage: tributary plan');
});

test('with invalid modules only their problems are reported', async () => {
  const { code, output } = await run('plan', ['{ a }'], { SCHEMA_DIR: '/nowhere' });
  expect([code, output]).toEqual([
    2,
    'The schema modules cannot be loaded:\n  SCHEMA_DIR: /nowhere is not a readable folder\n',
  ]);
});

test('every operation of every file is reported, with the fragments of other files', async () => {
  const at = files({
    'a.graphql':
      'query A { product(id: "p1") { ...Goods } lowStock { id } } mutation B { cancelOrder(input: { orderId: "o1" }) { order { id } } }',
    'fragments.graphql':
      'fragment Goods on Product { name ...Stock } fragment Stock on Product { deliveryDays inStock }',
  });
  const { code, output } = await blastRadius(at('a.graphql'), at('fragments.graphql'));
  expect(code).toBe(0);
  expect(output.replaceAll(at('./'), '')).toBe(`query A (a.graphql)

down       takes  null
catalog    part   product
inventory  part   product.inStock
                  lowStock

mutation B (a.graphql)

down    takes       null
orders  whole page  cancelOrder
`);
});

test('--strict fails if one backend takes a whole page, and names it', async () => {
  const at = files({
    'part.graphql': 'query Part { product(id: "p1") { name } lowStock { id } }',
    'whole.graphql': 'query Whole { orders { id } }',
  });
  const { code: part } = await blastRadius(at('part.graphql'), '--strict');
  expect(part).toBe(0);
  const { code, output } = await blastRadius(at('part.graphql'), at('whole.graphql'), '--strict');
  expect(code).toBe(1);
  expect(output.replaceAll(at('./'), '')).toContain(
    'A single backend takes the whole page of\n  query Whole (whole.graphql): orders\n',
  );
});

test('unreadable and invalid files are all listed, and no plan is evaluated', async () => {
  const at = files({
    'syntax.graphql': 'query {',
    'field.graphql': 'query Q {\n  nothing\n}',
    'good.graphql': '{ orders { id } }',
    'fragments.graphql': 'fragment F on Nothing { id }',
  });
  const names = ['gone.graphql', 'syntax.graphql', 'field.graphql', 'good.graphql', 'fragments.graphql'];
  const { code, output } = await blastRadius(...names.map(at));
  expect(code).toBe(2);
  expect(output.replaceAll(at('./'), '')).toBe(`Invalid documents:
  gone.graphql  cannot be read: ENOENT: no such file or directory, open 'gone.graphql'
  syntax.graphql:1:8  Syntax Error: Expected Name, found <EOF>.
  field.graphql:2:3  Cannot query field "nothing" on type "Query".
  fragments.graphql:1:15  Unknown type "Nothing". Did you mean "String"?
`);
});

test('an operation without a plan is reported as unknown; files with fragments only have nothing to report', async () => {
  const at = files({
    'large.graphql': `{ ${Array.from({ length: 10_001 }, (_, n) => `a${n}: orders { id }`).join(' ')} }`,
    'schema.graphql': '{ __schema { queryType { name } } }',
    'f.graphql': 'fragment F on Product { id }',
  });
  const env = { MAX_TOKENS: '90000', MAX_ALIASES: '90000', MAX_ROOT_FIELDS: '90000', MAX_SELECTIONS: '90000' };
  const { output } = await run('blast-radius', [at('large.graphql'), at('schema.graphql')], env);
  expect(output).toContain('Unknown. It comes to too many fields (too-large): it is run by delegation.');
  expect(output).toContain('Uses no backend.');
  expect(await blastRadius(at('f.graphql'))).toEqual({
    code: 0,
    output: 'No operation in these files, only fragments.\n',
  });
  const { code, output: usage } = await blastRadius('--strict');
  expect(code).toBe(2);
  expect(usage).toContain('Usage: tributary blast-radius');
});
