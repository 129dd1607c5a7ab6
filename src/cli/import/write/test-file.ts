/** A module with a field of Query, which a graph requires. */
const OTHER_MODULE = `/** A graph needs a field of Query. */
const other = defineBackend()({
  name: 'other',
  typeDefs: { text: 'type Query { isUp: Boolean }', file: import.meta.filename },
  resolvers: { Query: { isUp: () => true } },
});`;

/** The text of a test file with at least one test. `value` is the name of the imported module. */
export const testFile = (value: string, tests: readonly string[], hasQuery: boolean): string => {
  const beside = hasQuery ? '' : ', { beside: [other] }';
  const imports = [
    ...(hasQuery ? [] : ["import { defineBackend } from 'tributary/backend';"]),
    tests.length > 0
      ? "import { scripted, testBackend } from 'tributary/testing';"
      : "import { testBackend } from 'tributary/testing';",
    "import { expect, test } from 'vitest';",
    `import ${value} from './index.ts';`,
  ];
  const fallback = [
    [
      `test('the module has no problems', async () => {`,
      `  expect((await testBackend(${value}, {}${beside}).query('{ __typename }')).errors).toBeUndefined();`,
      '});',
    ].join('\n'),
  ];
  return `${[imports.join('\n'), ...(hasQuery ? [] : [OTHER_MODULE]), ...(tests.length > 0 ? tests : fallback)].join('\n\n')}\n`;
};
