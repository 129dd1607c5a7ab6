import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { callerPauses } from '../circuit/caller-pauses.ts';
import type { UpstreamEvent } from '../events.ts';
import { type Endpoint, endpointAt } from './endpoint.ts';
import type { Member } from './member.ts';
import { Members } from './members.ts';

const member = (endpoint: Endpoint, warmingSince: number | null): Member => ({
  endpoint,
  address: endpoint.url.origin,
  inFlight: 0,
  latency: { measured: null, penalty: () => 0, failures: 0, at: () => 0, observe: () => {}, reset: () => {} },
  circuits: {
    admission: () => 'admitted',
    isOpen: () => false,
    openSince: () => null,
    begin: () => ({ end: () => {} }),
    reset: () => {},
    snapshot: () => [],
  },
  callerPauses: callerPauses(),
  checked: 'up',
  warmingSince,
  unreachable: false,
  draining: false,
});

const A = endpointAt('http://a');
const B = endpointAt('http://b');
const C = endpointAt('http://c');

const membersOf = (endpoints: readonly Endpoint[]) => {
  const clock = manualClock();
  const events: UpstreamEvent[] = [];
  const released: [Endpoint, () => void][] = [];
  const members = new Members(endpoints, {
    clock,
    memberOf: member,
    report: (event) => events.push(event),
    release: (endpoint) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      released.push([endpoint, resolve]);
      return promise;
    },
  });
  const changes = () => events.map((event) => (event.is === 'endpoint' ? `${event.address} ${event.to}` : event.is));
  return { clock, members, changes, released };
};

test('endpoints of the start have their full share immediately; a later one has a slow start', () => {
  const { clock, members } = membersOf([A, B]);
  clock.advance(5_000);
  expect(members.replace([A, B, C], 'read again')).toBe(true);
  expect(members.current.map(({ warmingSince }) => warmingSince)).toEqual([null, null, 5_000]);
});

test('a remaining endpoint takes its new labels', () => {
  const { members } = membersOf([A, B]);
  expect(members.replace([endpointAt('http://a', { labels: { version: 'v2' } }), B], 'read again')).toBe(true);
  expect(members.current[0]?.endpoint.labels).toEqual({ version: 'v2' });
  expect(members.replace([endpointAt('http://a', { labels: { version: 'v2' } }), B], 'read again')).toBe(false);
});

test('a remaining endpoint keeps its state and takes its new weight', () => {
  const { members, changes } = membersOf([A, B]);
  const [a] = members.current;
  if (a !== undefined) a.inFlight = 7;
  expect(members.replace([endpointAt('http://a', { weight: 3 }), B], 'read again')).toBe(true);
  expect(members.current[0]).toBe(a);
  expect(a).toMatchObject({ inFlight: 7, endpoint: { weight: 3 } });
  expect(changes()).toEqual([]);
});

test('a removed endpoint receives no new calls, and is released after its last one', async () => {
  const { members, changes, released } = membersOf([A, B]);
  const [, b] = members.current;
  members.replace([A], 'read again');
  expect(b?.draining).toBe(true);
  expect(members.leaving).toEqual([b]);
  expect(changes()).toEqual(['http://b draining']);
  released[0]?.[1]();
  await Promise.resolve();
  expect(members.leaving).toEqual([]);
  expect(changes()).toEqual(['http://b draining', 'http://b removed']);
});

test('the same list in another order, or with a duplicate, changes nothing', () => {
  const { members, changes } = membersOf([A, B]);
  const before = members.current;
  expect(members.replace([B, A, B], 'read again')).toBe(false);
  expect(members.current).toBe(before);
  expect(changes()).toEqual([]);
});
