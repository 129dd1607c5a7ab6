import fc from 'fast-check';
import { expect, test } from 'vitest';
import { balanced, memberAt, reached } from '../../../../test/support/upstream/balanced.ts';
import { answer, restCall } from '../../../../test/support/upstream/calls.ts';

const weighted = (...weights: readonly number[]) => weights.map((weight, index) => memberAt(`e${index}`, { weight }));

const sendMany = async (weights: readonly number[], count: number): Promise<string[]> => {
  const hosts: string[] = [];
  const send = balanced(weighted(...weights), { policy: 'round-robin' }).through(async (call) => {
    hosts.push(call.endpoint?.url.host ?? 'nowhere');
    return answer();
  });
  for (let sent = 0; sent < count; sent++) await send(restCall());
  return hosts;
};

const countOf = (hosts: readonly string[], host: string) => hosts.filter((one) => one === host).length;

test('over a cycle each endpoint receives exactly its share, in every cycle', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 3 }),
      async (weights, cycles) => {
        const cycle = weights.reduce((sum, weight) => sum + weight, 0);
        const hosts = await sendMany(weights, cycle * cycles);
        for (let at = 0; at < hosts.length; at += cycle)
          expect(weights.map((_, index) => countOf(hosts.slice(at, at + cycle), `e${index}`))).toEqual(weights);
      },
    ),
  );
});

test('an endpoint is never a whole call ahead of its share or behind it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 2 }), async (weights) => {
      const cycle = weights.reduce((sum, weight) => sum + weight, 0);
      const hosts = await sendMany(weights, cycle);
      for (let sent = 1; sent <= cycle; sent++)
        for (const [index, weight] of weights.entries())
          expect(Math.abs(countOf(hosts.slice(0, sent), `e${index}`) - (sent * weight) / cycle)).toBeLessThanOrEqual(1);
    }),
  );
});

test('turns of the heaviest endpoint are spread evenly among the others', async () => {
  expect(await sendMany([5, 1, 1], 7)).toEqual(['e0', 'e0', 'e1', 'e0', 'e2', 'e0', 'e0']);
});

test('weights 1, 1, 2 over 10,000 calls are 2,500, 2,500 and 5,000', async () => {
  const over = balanced(weighted(1, 1, 2), { policy: 'round-robin' });
  expect(await reached(over, 10_000, restCall())).toEqual([2_500, 2_500, 5_000]);
});

test('remaining endpoints keep their turn after a change of the list', async () => {
  const [a, b, c] = weighted(1, 1, 1);
  if (a === undefined || b === undefined || c === undefined) throw new Error('unreachable');
  const over = balanced([a, b], { policy: 'round-robin' });
  await reached(over, 1, restCall());
  over.members.current = [a, b, c];
  expect(await reached(over, 1, restCall())).toEqual([0, 1, 0]);
});
