import fc from 'fast-check';
import { expect } from 'vitest';
import { startPair } from './edge-pair.ts';
import { randomRequests } from './random-requests.ts';
import { expectSame } from './same-on-both.ts';

/** Compares this number of random requests. A failure prints its seed; `EDGE_SEED` repeats it. Default: without TLS. */
export const compareEdges = async (runs: number, isSecure = false): Promise<void> => {
  await using pair = await startPair(isSecure);
  const seed = Number(process.env.EDGE_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`${runs} random requests from the seed ${seed}: EDGE_SEED=${seed} repeats them.`);
  await fc.assert(
    fc.asyncProperty(randomRequests(pair.issuer), (request) => expectSame(pair, request)),
    { numRuns: runs, seed, endOnFailure: true },
  );
  const { direct, long } = pair;
  // Operations that Fastify has not seen.
  expect(direct.passed.executed - direct.passed.fastify).toBeGreaterThan(runs / 5);
  expect(long.passed.fastify).toBeGreaterThanOrEqual(long.passed.executed);
};
