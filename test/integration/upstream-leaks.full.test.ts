import { expect, test } from 'vitest';
import { startNode } from '../support/processes/processes.ts';

/** A fixed seed: other seeds are tried by `npm run test:soak`. */
const SEED = '1';

test('5,000 calls to servers with random faults leave no socket, timer, listener or call behind', async () => {
  const soak = startNode('test/soak/upstream-leaks.ts', ['5000', '--seed', SEED]);
  const { code } = await soak.ended.finally(() => soak.stop());
  expect({ code, output: soak.output() }).toMatchObject({
    code: 0,
    output: expect.stringMatching(/^5000 calls, seed 1\n[\s\S]*\nnothing stays behind\n$/),
  });
});
