import { describe, expect, test } from 'vitest';
import { ROUTING_PROPERTIES } from '../../test/support/upstream/routing-properties.ts';
import { failureOf, settled } from '../../test/support/upstream/scripted-send.ts';
import {
  distinct,
  issuing,
  learnToHedge,
  NAMES,
  NO_CREDENTIALS,
  ONLY_ONE,
  overloaded,
  type Rig,
  rigIn,
  type StackProperty,
  THROTTLED,
  unavailable,
} from '../../test/support/upstream/stack-rig.ts';
import { untraced } from '../telemetry/open-trace.ts';

const hostsSince = ({ sent }: ReturnType<Rig>, from: number) =>
  sent.slice(from).map(({ call }) => call.endpoint?.url.host);

/** True if a hedge goes to another endpoint than the attempt next to it. */
const hedgesElsewhere = async (rig: Rig): Promise<boolean> => {
  // Equal affinity keys prefer one endpoint.
  const sticky = { policy: { hash: 'client' } } as const;
  const made = rig({ hosts: ['a', 'b'], traffic: { hedge: true, balance: sticky } });
  await learnToHedge(made);
  const before = made.sent.length;
  void made.sendCall({ affinity: 'ann', ...distinct(1)[0] });
  await settled();
  made.dependencies.clock.advance(500);
  await settled();
  return new Set(hostsSince(made, before)).size === 2;
};

const PROPERTIES: readonly StackProperty[] = [
  ...ROUTING_PROPERTIES,
  [
    'observe',
    'deadline',
    'a call that is too late to be sent is observed',
    async (rig) => {
      const request = untraced();
      await failureOf(rig().sendCall({ deadline: 0, request }));
      return request.record.upstream.calls === 1;
    },
  ],
  [
    'deadline',
    'single flight',
    'a waiter with an earlier deadline than its flight leaves at its own deadline',
    async (rig) => {
      const { sendCall, dependencies } = rig();
      void sendCall({ deadline: 1_000 });
      let left = false;
      void sendCall({ deadline: 100 }).catch(() => {
        left = true;
      });
      await settled();
      dependencies.clock.advance(100);
      await settled();
      return left;
    },
  ],
  [
    'single flight',
    'throttle',
    'the waiters of a flight count as one call',
    async (rig) => {
      const { sendCall, at, sent } = rig({ traffic: THROTTLED });
      for (const _ of [1, 2, 3]) void sendCall();
      await settled();
      for (let index = 0; index < sent.length; index += 1) at(index).fail(overloaded());
      await settled();
      const before = sent.length;
      void sendCall();
      await settled();
      return sent.length === before + 1;
    },
  ],
  [
    'throttle',
    'bulkhead',
    'a refused call does not wait',
    async (rig) => {
      let drawn = 0.5;
      const { sendCall, at } = rig({
        traffic: { ...THROTTLED, limits: { inFlight: 1 } },
        overrides: { random: () => drawn },
      });
      const [first, second, last] = distinct(3);
      void sendCall(first);
      await settled();
      at(0).fail(overloaded());
      await settled();
      void sendCall(second);
      drawn = 0.4;
      let refused = false;
      void sendCall(last).catch(() => {
        refused = true;
      });
      await settled();
      return refused;
    },
  ],
  [
    'single flight',
    'bulkhead',
    'the waiters of a flight take one slot',
    async (rig) => {
      const { sendCall, at } = rig({ traffic: ONLY_ONE });
      const asked = [sendCall(), sendCall(), sendCall()];
      await settled();
      at(0).reply({});
      return (await Promise.allSettled(asked)).every(({ status }) => status === 'fulfilled');
    },
  ],
  [
    'bulkhead',
    'retry',
    'a call keeps its slot between its attempts',
    async (rig) => {
      const { sendCall, at, sent } = rig({ traffic: ONLY_ONE });
      const [one, other] = distinct(2);
      void sendCall(one);
      await settled();
      at(0).fail(unavailable());
      await settled();
      void sendCall(other);
      await settled();
      return sent.length === 1;
    },
  ],
  [
    'retry',
    'credentials',
    'a retry has the present credentials',
    async (rig) => {
      let key = 'old';
      const { sendCall, at, dependencies } = rig({
        credentials: issuing(() => ({ ...NO_CREDENTIALS, headers: { key } })),
      });
      void sendCall();
      await settled();
      key = 'new';
      at(0).fail(unavailable());
      await settled();
      dependencies.clock.advance(250);
      await settled();
      return at(1).call.headers.key === 'new';
    },
  ],
  [
    'credentials',
    'hedge',
    'a wait for a token is not hedged',
    async (rig) => {
      let wait: Promise<void> | undefined;
      const made = rig({
        hosts: ['a', 'b'],
        traffic: { hedge: true },
        credentials: issuing(() => wait?.then(() => NO_CREDENTIALS) ?? NO_CREDENTIALS),
      });
      await learnToHedge(made);
      const before = made.sent.length;
      const { promise, resolve } = Promise.withResolvers<void>();
      wait = promise;
      void made.sendCall(distinct(1)[0]);
      await settled();
      made.dependencies.clock.advance(500);
      await settled();
      resolve();
      await settled();
      return made.sent.length === before + 1;
    },
  ],
  ['hedge', 'balance', 'a hedge goes elsewhere', hedgesElsewhere],
  [
    'balance',
    'circuit',
    'an endpoint that keeps failing receives no more calls',
    async (rig) => {
      const { sendCall, at, sent } = rig({ traffic: { retry: false } });
      for (const [index, call] of distinct(20).entries()) {
        void sendCall(call);
        await settled();
        at(index).fail(unavailable());
        await settled();
      }
      void sendCall();
      await settled();
      return sent.length === 20;
    },
  ],
  [
    'balance',
    'quota',
    'a call without a usable endpoint is no call of the quota',
    async (rig) => {
      let isDrained = true;
      const { sendCall, sent } = rig({
        traffic: { retry: false, quota: { calls: 1, perSeconds: 60 } },
        overrides: { drained: () => isDrained },
      });
      await failureOf(sendCall());
      isDrained = false;
      void sendCall();
      await settled();
      return sent.length === 1;
    },
  ],
  [
    'quota',
    'circuit',
    'a call over the quota is no probe',
    async (rig) => {
      const { sendCall, at, dependencies } = rig({ traffic: { retry: false, quota: { calls: 5, perSeconds: 60 } } });
      for (const [index, call] of distinct(5).entries()) {
        void sendCall(call);
        await settled();
        at(index).fail(unavailable());
        await settled();
      }
      dependencies.clock.advance(1_500);
      await failureOf(sendCall());
      return dependencies.events.every((event) => event.is !== 'circuit' || event.to !== 'half-open');
    },
  ],
  [
    'circuit',
    'timeout',
    'a hanging endpoint receives no more calls',
    async (rig) => {
      const { sendCall, dependencies, sent } = rig({ timeoutMs: 10, traffic: { retry: false } });
      for (const call of distinct(20)) {
        void sendCall(call);
        await settled();
        dependencies.clock.advance(10);
        await settled();
      }
      void sendCall();
      await settled();
      return sent.length === 20;
    },
  ],
  [
    'timeout',
    'observe attempt',
    'a call that was never sent is not counted as an attempt',
    async (rig) => {
      const { sendCall, dependencies } = rig({ timeoutMs: 0, traffic: { retry: false } });
      await failureOf(sendCall());
      return dependencies.events.every(({ is }) => is !== 'attempt');
    },
  ],
];

const inOrder = rigIn((layers) => layers);

describe.each(PROPERTIES)('%s is outside %s', (outer, inner, title, holds) => {
  test(`${title}`, async () => {
    expect(await holds(inOrder)).toBe(true);
  });

  test('swapped, this does not hold', async () => {
    const swapped = rigIn((layers) => {
      const [at, to] = [NAMES.indexOf(outer), NAMES.indexOf(inner)];
      const [one, other] = [layers[at], layers[to]];
      if (one === undefined || other === undefined) throw new Error('there are no such layers');
      return layers.with(at, other).with(to, one);
    });
    expect(await holds(swapped)).toBe(false);
  });
});

test('every pair of neighbours is tested', () => {
  const tested = new Set(PROPERTIES.map(([outer, inner]) => `${outer}, ${inner}`));
  const neighbours = NAMES.slice(0, -1).map((outer, at) => `${outer}, ${NAMES[at + 1]}`);
  expect(neighbours.filter((pair) => !tested.has(pair))).toEqual([]);
});
