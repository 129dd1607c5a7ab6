import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { HANDSHAKE_CAUSES } from '../../src/upstream/tls/handshake-failure.ts';
import { tlsVariables } from '../../src/upstream/tls/read-tls.ts';

const PAGE = readFileSync(new URL('../../docs/tls.md', import.meta.url), 'utf8');
const [, AFTER = ''] = PAGE.split('\n## To backends\n');
const [SECTION = ''] = AFTER.split('\n## ');

test('docs/tls.md has every cause of a failed handshake, and no other', () => {
  const [, after = ''] = SECTION.split('\n### Failures\n');
  const [failures = ''] = after.split('\n### ');
  const rows = failures.match(/^\| `[^|]+\|/gm) ?? [];
  const causes = rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map(([, cause]) => cause));
  expect(causes.toSorted()).toEqual([...HANDSHAKE_CAUSES].toSorted());
});

test('docs/tls.md has every variable of an upstream', () => {
  for (const variable of tlsVariables('<MODULE>_<UPSTREAM>_ENDPOINTS')) expect(SECTION).toContain(`\`${variable}\``);
});
