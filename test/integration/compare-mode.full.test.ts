import { setImmediate } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { composeGraph } from '../../src/graph/build-gateway.ts';
import { randomOperation } from '../oracle/operations/random-operation.ts';
import { SHOP, type Shop, startShop } from '../support/gateway/gateway.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';

const OPERATIONS = 250;
/** One of this many queries that ran as plans is run again by delegation. */
const EVERY = 10;
const SEED = process.env.COMPARE_SEED ?? 'compare';
const ADMIN = { authorization: 'Bearer admin' };

const { schema } = composeGraph(SHOP).graph;

const callsOf = async (shop: Shop): Promise<number> =>
  Object.values(await shop.calls()).reduce((sum, calls) => sum + calls.length, 0);

const settledCallsOf = async (shop: Shop): Promise<number> => {
  let calls = await callsOf(shop);
  for (let before = -1; before !== calls; calls = await callsOf(shop)) {
    before = calls;
    await setImmediate();
  }
  return calls;
};

test('EXECUTION=compare reports no difference for random queries of the shop', async () => {
  const different: string[] = [];
  let document = '';
  const report = { differed: (what: string) => void different.push(`${what}: ${document}`) };
  await using plain = await startShop({ env: { EXECUTION: 'compiled' } });
  await using compared = await startShop({ env: { EXECUTION: 'compare' }, report });
  let compiled = 0;
  for (let seed = 0; seed < OPERATIONS; seed += 1) {
    const operation = randomOperation(schema, `${SEED} ${seed}`);
    if (operation.document.startsWith('mutation')) continue;
    document = operation.document;
    const { data } = await plain.query(document, operation.variables, ADMIN);
    if (data === undefined) continue;
    compiled += 1;
    for (let run = 0; run < EVERY; run += 1) await compared.query(document, operation.variables, ADMIN);
  }
  expect(compiled).toBeGreaterThan(OPERATIONS / 3);
  // The backends receive the calls of second runs, which do not delay the responses.
  const calls = await callsOf(plain);
  await vi.waitFor(async () => expect(await callsOf(compared)).toBeGreaterThan((EVERY + 0.5) * calls), LONG_WAIT);
  await settledCallsOf(compared);
  expect(different).toEqual([]);
});
