import { expect, test } from 'vitest';
import { proseProblems } from '../../scripts/prose/prose.ts';
import { textsOf } from '../../scripts/prose/texts.ts';

const PLAIN = Array.from({ length: 40 }, (_, n) => `/** Returns the value number ${n} of the list of values. */`).join(
  '\n',
);

const problemsOf = (path: string, source: string): string[] => proseProblems(textsOf(path, source));

test('plain comments have no problem', () => {
  expect(problemsOf('src/a.ts', PLAIN)).toEqual([]);
});

test.each([
  ['a word for a person', '/** Nobody waits for it. */', 'words for persons'],
  ['a relative opening', '// Whether it waits.\n// Whether it runs.\n// Whether it ends.', 'relative openings'],
  ['verbs of speech', '/** The layer is told what it asked for. */'.repeat(2), 'verbs of speech'],
])('%s in comments is reported with its place', (_, comment, problem) => {
  const [report = ''] = problemsOf('src/a.ts', `${PLAIN}\n${comment}`);
  expect(report).toContain(problem);
  expect(report).toContain('src/a.ts:41: ');
});

test('test titles and paragraphs of Markdown are checked, code in them is not', () => {
  expect(problemsOf('src/a.test.ts', "test('somebody who has left starts nothing', () => {});")[0]).toContain(
    'test titles: ',
  );
  expect(problemsOf('docs/a.md', 'What is asked of somebody is told to nobody here.')).toHaveLength(3);
  expect(
    problemsOf('docs/a.md', 'The command prints `whoever asked`.\n\n```sh\nwhoever asked somebody\n```\n'),
  ).toEqual([]);
});

test('generated files and comments for tools are not checked', () => {
  expect(problemsOf('schema/a/schema.generated.ts', '/** Nobody waits. */')).toEqual([]);
  expect(problemsOf('src/a.ts', '// biome-ignore lint: nobody reads it')).toEqual([]);
});
