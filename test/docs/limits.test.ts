import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { unknownFieldsIn } from '../../src/app/request-limits.ts';
import { readGraph } from '../../src/cli/explain/read-graph.ts';
import { readLimits } from '../../src/rate-limit/rules/read-limits.ts';

const page = readFileSync('docs/limits.md', 'utf8');

test('the file of limits in docs/limits.md is valid for the modules of this repository', async () => {
  const [, json = ''] = /```json\n(\{\n {2}"plan"[\s\S]*?)```/.exec(page) ?? [];
  const { limits, problems } = readLimits(json);
  expect(problems).toEqual([]);
  const { graph } = await readGraph({});
  expect(limits === null ? null : unknownFieldsIn(limits, graph.schema)).toEqual([]);
});

test('the file of priorities in docs/limits.md is valid', () => {
  const [, json = ''] = /```json\n(\{\n {2}"priorities"[\s\S]*?)```/.exec(page) ?? [];
  expect(readLimits(json)).toMatchObject({ problems: [], limits: { priorityHeader: 'x-request-priority' } });
});

test('every rule in the table of other products is valid', () => {
  const [, rows = ''] = /### From other products\n\n([\s\S]*?)\n\n/.exec(`${page}\n\n`) ?? [];
  const rules = Array.from(rows.matchAll(/\| `("(?:key|rates)".*?)`/g), ([, parts]) => `{"name":"r",${parts}}`);
  expect(rules).toHaveLength(5);
  for (const rule of rules) expect(readLimits(`{"rules":[${rule}]}`).problems).toEqual([]);
});
