import { expect, test } from 'vitest';
import { balanced, memberAt, reached } from '../../../test/support/upstream/balanced.ts';
import { restCall } from '../../../test/support/upstream/calls.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { Member } from '../endpoints/member.ts';
import { splitByAperture } from './aperture.ts';
import { candidateOf } from './candidate.ts';

const candidatesAt = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) =>
    candidateOf(memberAt(`10.0.${Math.floor((from + index) / 250)}.${(from + index) % 250}`)),
  );
const addresses = (candidates: ReturnType<typeof candidatesAt>, size: number, position: number): ReadonlySet<string> =>
  new Set(splitByAperture(candidates, { size, position })[0]?.map(({ member }) => member.address));

test.each([
  [3, 10, 100],
  [7, 20, 100],
  [10, 30, 300],
  [30, 10, 300],
  [13, 5, 17],
])(
  '%i gateways with %i of %i endpoints each: every endpoint has the same number of gateways, plus or minus one',
  (gateways, size, count) => {
    const candidates = candidatesAt(count);
    const used = new Map(candidates.map(({ member }) => [member.address, 0]));
    for (let index = 0; index < gateways; index++) {
      const own = addresses(candidates, size, index / gateways);
      expect(own.size).toBe(size);
      for (const address of own) used.set(address, (used.get(address) ?? 0) + 1);
    }
    const counts = [...used.values()];
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  },
);

test('an endpoint that joins or leaves changes at most two endpoints of any aperture', () => {
  const candidates = candidatesAt(100);
  const [joined] = candidatesAt(1, 500);
  if (joined === undefined) throw new Error('unreachable');
  for (let index = 0; index < 10; index++) {
    const before = addresses(candidates, 20, index / 10);
    const lists = [[...candidates, joined], ...candidates.map((gone) => candidates.filter((one) => one !== gone))];
    for (const list of lists) {
      const after = addresses(list, 20, index / 10);
      expect([...after].filter((address) => !before.has(address)).length).toBeLessThanOrEqual(2);
    }
  }
});

test('the order of the list does not change the aperture', () => {
  const candidates = candidatesAt(50);
  expect(addresses(candidates.toReversed(), 10, 0.3)).toEqual(addresses(candidates, 10, 0.3));
});

const listOf = (count: number, options: Partial<Endpoint> = {}, from = 0): readonly Member[] =>
  Array.from({ length: count }, (_, index) => memberAt(`e${from + index}`, options));

/** Numbers of calls of each member, of 4,000. */
const countsOf = (members: readonly Member[], options: { zone?: string } = {}) =>
  reached(balanced(members, { policy: 'random', aperture: 5, position: 0.4, ...options }), 4_000, restCall());
const usedIn = (counts: readonly number[], from: number, to: number) =>
  counts.slice(from, to).filter((count) => count > 0);

test('calls go to the endpoints of the aperture only; a list that is not longer is used as a whole', async () => {
  expect(usedIn(await countsOf(listOf(20)), 0, 20)).toHaveLength(5);
  expect(usedIn(await countsOf(listOf(5)), 0, 5)).toHaveLength(5);
});

test('each zone has an aperture of its own, and the other endpoints of the own zone come before other zones', async () => {
  const members = [...listOf(10, { zone: 'a' }), ...listOf(40, { zone: 'b' }, 10)];
  const counts = await countsOf(members, { zone: 'a' });
  expect(usedIn(counts, 0, 10)).toHaveLength(5);
  expect(usedIn(counts, 10, 50)).toHaveLength(0);
  for (const [index, member] of members.entries()) if (index < 10 && (counts[index] ?? 0) > 0) member.checked = 'down';
  const others = await countsOf(members, { zone: 'a' });
  expect(usedIn(others, 0, 10)).toHaveLength(5);
  expect(usedIn(others, 10, 50)).toHaveLength(0);
});

test('with too few usable endpoints in the aperture, others take over what these cannot carry', async () => {
  const members = listOf(20);
  const before = await countsOf(members);
  const inside = members.filter((_, index) => (before[index] ?? 0) > 0);
  const share = async (): Promise<number> => {
    const counts = await countsOf(members);
    return (
      members.reduce((sum, member, index) => sum + (inside.includes(member) ? (counts[index] ?? 0) : 0), 0) / 4_000
    );
  };
  const shares: number[] = [];
  for (const member of inside) {
    member.checked = 'down';
    shares.push(await share());
  }
  // Usable: 4, 3, 2, 1 and 0 of 5, times the overprovisioning of 1.4.
  for (const [index, expected] of [1, 0.84, 0.56, 0.28, 0].entries())
    expect(Math.abs((shares[index] ?? 0) - expected)).toBeLessThan(0.03);
});

test('lists replaced 500 times: every call goes to a current endpoint, and to at most five of them', async () => {
  const all = listOf(60);
  const over = balanced(all, { policy: 'peak-ewma', aperture: 5, position: 0.7 });
  for (let change = 0; change < 500; change++) {
    over.members.current = all.filter((_, index) => (index * 7 + change * 13) % 5 > 1);
    const counts = await reached(over, 20, restCall());
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(20);
    expect(counts.filter((count) => count > 0).length).toBeLessThanOrEqual(5);
  }
});
