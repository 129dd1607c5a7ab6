import { expect, test } from 'vitest';
import { LONG_WAIT } from '../support/processes/long-wait.ts';
import { fuzz } from './fuzz.ts';
import { fuzzedGateway } from './fuzzed-gateway.ts';

test('random bodies, documents and variables are answered as GraphQL, without a 5xx', async () => {
  await using gateway = await fuzzedGateway();
  const { faults, statuses } = await fuzz(gateway, { runs: 3_000, seed: 20_261, hangMs: LONG_WAIT.timeout });
  expect(faults).toEqual([]);
  // The bodies are not all refused for the same reason.
  expect(statuses[200]).toBeGreaterThan(200);
  expect(statuses[400]).toBeGreaterThan(200);
}, 120_000);
