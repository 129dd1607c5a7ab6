import { expect, test } from 'vitest';
import { balanced, memberAt } from '../../../../test/support/upstream/balanced.ts';
import { answer, restCall } from '../../../../test/support/upstream/calls.ts';
import type { Member } from '../../endpoints/member.ts';

const KEYS = Array.from({ length: 10_000 }, (_, index) => `customer-${index}`);

/** Host of each key's calls. */
const homes = async (members: readonly Member[], keys = KEYS, zone = ''): Promise<readonly (string | undefined)[]> => {
  const over = balanced(members, { policy: { hash: 'client' }, zone });
  const found: (string | undefined)[] = [];
  const send = over.through(async ({ endpoint }) => {
    found.push(endpoint?.url.host);
    return answer();
  });
  for (const affinity of keys) await send(restCall({ affinity }));
  return found;
};

const hosts = (...names: readonly string[]) => names.map((name) => memberAt(name));
const part = (all: readonly (string | undefined)[], host: string) =>
  all.filter((one) => one === host).length / all.length;

test('equal values go to one endpoint, and values are spread evenly', async () => {
  const first = await homes(hosts('a', 'b', 'c', 'd', 'e'));
  expect(await homes(hosts('e', 'c', 'a', 'd', 'b'))).toEqual(first);
  for (const host of ['a', 'b', 'c', 'd', 'e']) expect(Math.abs(part(first, host) - 0.2)).toBeLessThan(0.015);
});

test('values are shared by weight', async () => {
  const found = await homes([memberAt('a'), memberAt('b'), memberAt('c', { weight: 2 })]);
  for (const [host, share] of [
    ['a', 0.25],
    ['b', 0.25],
    ['c', 0.5],
  ] as const)
    expect(Math.abs(part(found, host) - share)).toBeLessThan(0.015);
});

test('removing one of five endpoints moves only its own values, at most a quarter of all', async () => {
  const before = await homes(hosts('a', 'b', 'c', 'd', 'e'));
  const after = await homes(hosts('a', 'b', 'd', 'e'));
  const moved = before.flatMap((host, index) => (host === after[index] ? [] : [host]));
  expect(new Set(moved)).toEqual(new Set(['c']));
  expect(moved.length / KEYS.length).toBeLessThanOrEqual(0.25);
});

test('each value of an unavailable endpoint moves to one other endpoint', async () => {
  const members = hosts('a', 'b', 'c');
  const before = await homes(members);
  for (const member of members.slice(1, 2)) member.draining = true;
  const after = await homes(members);
  expect(part(after, 'b')).toBe(0);
  expect(after.filter((host, index) => host !== before[index] && before[index] !== 'b')).toEqual([]);
  expect(await homes(members)).toEqual(after);
});

test('a value keeps its endpoint while calls are spread over two levels', async () => {
  const members = [memberAt('a'), memberAt('b'), memberAt('backup', { priority: 1 })];
  for (const member of members.slice(0, 1)) member.checked = 'down';
  const once = await homes(members);
  expect(part(once, 'backup')).toBeCloseTo(0.3, 1);
  expect(await homes(members)).toEqual(once);
});

test('a call without the value goes to any endpoint', async () => {
  const over = balanced(hosts('a', 'b'), { policy: { hash: 'client' } });
  const seen = new Set<string | undefined>();
  const send = over.through(async ({ endpoint }) => {
    seen.add(endpoint?.url.host);
    return answer();
  });
  for (const affinity of [null, undefined])
    for (let sent = 0; sent < 50; sent++) await send(restCall(affinity === undefined ? {} : { affinity }));
  expect(seen).toEqual(new Set(['a', 'b']));
});
