import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crowdedFolders, sourcePaths } from '../../scripts/folders/crowded-folders.ts';

test('folders of src have at most 15 files', () => {
  expect(crowdedFolders(sourcePaths(join(import.meta.dirname, '../..')))).toEqual([]);
});

test('the sixteenth file is reported; tests, generated files and other folders do not count', () => {
  const files = Array.from({ length: 15 }, (_, at) => `src/a/file-${at}.ts`);
  const others = ['src/a/x.test.ts', 'src/a/x.generated.ts', 'src/a/x.proto', 'src/a/b/x.ts'];
  expect(crowdedFolders([...files, ...others])).toEqual([]);
  expect(crowdedFolders([...files, 'src/a/last.ts'])).toEqual(['src/a has 16 files: 15 are allowed']);
});
