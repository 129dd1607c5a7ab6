import { describe, expect, test } from 'vitest';
import { endpoint, restCall } from '../../test/support/upstream/calls.ts';
import { failureOf, manualTools, scriptedSend, settled } from '../../test/support/upstream/scripted-send.ts';
import { UpstreamError } from '../core/errors.ts';
import { untraced } from '../telemetry/open-trace.ts';
import { bulkhead } from './bulkhead/layer.ts';
import { type Call, type Layer, stack } from './call.ts';
import { circuitsOf } from './circuit/endpoint-circuits.ts';
import type { CallCredentials, Issued } from './credentials/call-credentials.ts';
import { memberWith } from './endpoints/member.ts';
import { peakEwma } from './endpoints/peak-ewma.ts';
import { RETRY_DEFAULTS, type TrafficOptions, trafficSettings } from './options.ts';
import { RetryBudget } from './retry/budget.ts';
import { layersOf } from './stack.ts';

const NAMES = [
  'observe',
  'deadline',
  'single flight',
  'bulkhead',
  'retry',
  'credentials',
  'hedge',
  'balance',
  'circuit',
  'timeout',
  'observe attempt',
] as const;
type Name = (typeof NAMES)[number];

interface RigOptions {
  readonly hosts?: readonly string[];
  readonly timeoutMs?: number;
  readonly traffic?: TrafficOptions;
  readonly credentials?: CallCredentials;
}

/** The layers of an upstream in an order that a test chooses, on a backend that the test answers. */
const rigIn =
  (order: (layers: readonly Layer[]) => readonly Layer[]) =>
  ({ hosts = ['a'], timeoutMs = 2_000, traffic = {}, credentials }: RigOptions = {}) => {
    const tools = manualTools();
    const settings = trafficSettings(traffic);
    const memberOf = memberWith(peakEwma, (address) => circuitsOf(settings.circuit, tools, address));
    const current = hosts.map((host) => memberOf(endpoint(`http://${host}`), null));
    const layers = layersOf({
      settings,
      timeoutMs,
      members: { current },
      bulkhead: bulkhead(settings.limits, tools),
      budget: new RetryBudget(settings.retry ?? RETRY_DEFAULTS, tools.clock),
      locality: { zone: '', region: '' },
      credentials: credentials ?? null,
      tools,
    });
    const { sent, send, at } = scriptedSend();
    const upstream = stack(...order(layers))(send);
    /** Sends a call. Its rejection never counts as unhandled. */
    const ask = (changes: Partial<Call> = {}) => {
      const answer = upstream(restCall({ deadline: tools.clock.now() + 10_000, ...changes }));
      answer.catch(() => {});
      return answer;
    };
    return { tools, sent, at, ask };
  };

type Rig = ReturnType<typeof rigIn>;

const unavailable = () => new UpstreamError('SERVICE_UNAVAILABLE', restCall(), 'answered 503', { status: 503 });
const distinct = (count: number) =>
  Array.from({ length: count }, (_, at) => restCall({}, { target: `/things/${at}` })).map(({ message }) => ({
    message,
  }));
const NO_CREDENTIALS: Issued = { headers: {}, query: null, token: null };
const issuing = (issue: CallCredentials['issue']): CallCredentials => ({
  issue,
  renew: async () => false,
  close: () => {},
});
const ONLY_ONE: TrafficOptions = { limits: { inFlight: 1, pending: 0 } };

/** Measures the latency of reads, so that the next slow one is hedged. */
const learnToHedge = async ({ ask, at, tools }: ReturnType<Rig>): Promise<void> => {
  for (let read = 0; read < 20; read += 1) {
    const answer = ask(distinct(20)[read]);
    await settled();
    tools.clock.advance(10);
    at(read).reply({});
    await answer;
  }
};

const hostsSince = ({ sent }: ReturnType<Rig>, from: number) =>
  sent.slice(from).map(({ call }) => call.endpoint?.url.host);

/** True if a hedge goes to another endpoint than the attempt next to it. */
const hedgesElsewhere = async (rig: Rig): Promise<boolean> => {
  // Equal affinity keys prefer one endpoint.
  const sticky = { policy: { hash: 'client' } } as const;
  const made = rig({ hosts: ['a', 'b'], traffic: { hedge: true, balance: sticky } });
  await learnToHedge(made);
  const before = made.sent.length;
  void made.ask({ affinity: 'ann', ...distinct(1)[0] });
  await settled();
  made.tools.clock.advance(500);
  await settled();
  return new Set(hostsSince(made, before)).size === 2;
};

/** A property that holds for a layer outside the next one, and fails if the two are swapped. */
const PROPERTIES: readonly (readonly [
  outer: Name,
  inner: Name,
  title: string,
  holds: (rig: Rig) => Promise<boolean>,
])[] = [
  [
    'observe',
    'deadline',
    'a call that is too late to be sent is observed',
    async (rig) => {
      const request = untraced();
      await failureOf(rig().ask({ deadline: 0, request }));
      return request.record.upstream.calls === 1;
    },
  ],
  [
    'deadline',
    'single flight',
    'a waiter with an earlier deadline than its flight leaves at its own deadline',
    async (rig) => {
      const { ask, tools } = rig();
      void ask({ deadline: 1_000 });
      let left = false;
      void ask({ deadline: 100 }).catch(() => {
        left = true;
      });
      await settled();
      tools.clock.advance(100);
      await settled();
      return left;
    },
  ],
  [
    'single flight',
    'bulkhead',
    'the waiters of a flight take one slot',
    async (rig) => {
      const { ask, at } = rig({ traffic: ONLY_ONE });
      const asked = [ask(), ask(), ask()];
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
      const { ask, at, sent } = rig({ traffic: ONLY_ONE });
      const [one, other] = distinct(2);
      void ask(one);
      await settled();
      at(0).fail(unavailable());
      await settled();
      void ask(other);
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
      const { ask, at, tools } = rig({ credentials: issuing(() => ({ ...NO_CREDENTIALS, headers: { key } })) });
      void ask();
      await settled();
      key = 'new';
      at(0).fail(unavailable());
      await settled();
      tools.clock.advance(250);
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
      void made.ask(distinct(1)[0]);
      await settled();
      made.tools.clock.advance(500);
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
      const { ask, at, sent } = rig({ traffic: { retry: false } });
      for (const [index, call] of distinct(20).entries()) {
        void ask(call);
        await settled();
        at(index).fail(unavailable());
        await settled();
      }
      void ask();
      await settled();
      return sent.length === 20;
    },
  ],
  [
    'circuit',
    'timeout',
    'a hanging endpoint receives no more calls',
    async (rig) => {
      const { ask, tools, sent } = rig({ timeoutMs: 10, traffic: { retry: false } });
      for (const call of distinct(20)) {
        void ask(call);
        await settled();
        tools.clock.advance(10);
        await settled();
      }
      void ask();
      await settled();
      return sent.length === 20;
    },
  ],
  [
    'timeout',
    'observe attempt',
    'a call that was never sent is not counted as an attempt',
    async (rig) => {
      const { ask, tools } = rig({ timeoutMs: 0, traffic: { retry: false } });
      await failureOf(ask());
      return tools.events.every(({ is }) => is !== 'attempt');
    },
  ],
];

const inOrder = rigIn((layers) => layers);

describe.each(PROPERTIES)('%s is outside %s', (outer, inner, title, holds) => {
  test(`${title}`, async () => {
    expect(await holds(inOrder)).toBe(true);
  });

  test('swapped, this does not hold', async () => {
    const at = NAMES.indexOf(outer);
    expect(NAMES[at + 1]).toBe(inner);
    const swapped = rigIn((layers) => {
      const [one, other] = [layers[at], layers[at + 1]];
      if (one === undefined || other === undefined) throw new Error('there are no such neighbours');
      return [...layers.slice(0, at), other, one, ...layers.slice(at + 2)];
    });
    expect(await holds(swapped)).toBe(false);
  });
});

test('every pair of neighbours is tested', () => {
  expect(PROPERTIES.map(([outer]) => outer)).toEqual(NAMES.slice(0, -1));
});
