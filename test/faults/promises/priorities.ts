import type { Call } from '../../../src/upstream/call.ts';
import { balanced, memberAt, reached } from '../../support/upstream/balanced.ts';
import type { Protocol } from '../protocols.ts';
import { type FaultPromise, found, percent } from './promise.ts';

/** Usable percent of the two levels, and the percent of the calls that the first one receives: Envoy's table. */
const TABLE = [
  [100, 100, 100],
  [72, 100, 100],
  [71, 100, 99.4],
  [50, 100, 70],
  [25, 100, 35],
  [0, 100, 0],
  [25, 25, 50],
] as const;
const ENDPOINTS = 100;
const CALLS = 10_000;

const callOf = (protocol: Protocol): Call => ({
  ...protocol.read('1', { deadline: Number.POSITIVE_INFINITY, signal: new AbortController().signal }),
});

const shareOfFirst = async (protocol: Protocol, usable: readonly [number, number], seed: number): Promise<number> => {
  const members = usable.flatMap((count, priority) =>
    Array.from({ length: ENDPOINTS }, (_, index) =>
      Object.assign(memberAt(`p${priority}-${index}`, { priority }), { checked: index < count ? 'up' : 'down' }),
    ),
  );
  const counts = await reached(balanced(members, { seed }), CALLS, callOf(protocol));
  return counts.slice(0, ENDPOINTS).reduce((sum, count) => sum + count, 0) / CALLS;
};

export const priorities: FaultPromise = {
  id: 'priorities',
  promises:
    "failover to the next priority by Envoy's table, within 1.5 of a hundred over 10,000 calls to 100 + 100 endpoints (simulated)",
  run: async ({ protocol, random }) => {
    const rows: string[] = [];
    const problems: string[] = [];
    for (const [first, second, expected] of TABLE) {
      const share = await shareOfFirst(protocol, [first, second], Math.floor(random() * 1e9));
      rows.push(`${first}/${second} -> ${percent(share)}`);
      if (Math.abs(share * 100 - expected) > 1.5) problems.push(`${first}/${second} should be ${expected} %`);
    }
    return found(rows.join(', '), problems);
  },
};
