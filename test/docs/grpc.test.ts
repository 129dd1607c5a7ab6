import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { blocksOf } from '../support/processes/doc-blocks.ts';
import { ROOT } from '../support/processes/processes.ts';

test('the excerpts of docs/grpc.md are parts of the files that they name', () => {
  const excerpts = blocksOf('docs/grpc.md').filter(({ excerpt }) => excerpt);
  expect(excerpts.length).toBeGreaterThan(0);
  for (const { file, text } of excerpts) expect(readFileSync(join(ROOT, file ?? ''), 'utf8')).toContain(text);
});
