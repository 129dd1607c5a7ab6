import { expect, test } from 'vitest';
import { startNode } from '../support/processes/processes.ts';

/** A fixed seed: other seeds are tried by `npm run test:soak`. */
const SEED = '1';

test('5,000 calls to servers with random faults leave no socket, timer, listener or call behind', async () => {
  const soak = startNode('test/soak/upstream-leaks.ts', ['5000', '--seed', SEED]);
  await soak.ended.finally(() => soak.stop());
  const rows = soak.output().match(/^(ok|NO) (at rest|closed): .*$/gm) ?? [];
  expect(rows, soak.output()).toHaveLength(12);
  expect(rows.filter((row) => row.startsWith('NO'))).toEqual([]);
  // Which faults happen depends on the speed of the machine; `npm run test:soak` requires all of them.
  expect(soak.output()).toMatch(/^ok happened: /m);
});
