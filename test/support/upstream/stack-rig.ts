import type { Clock } from '../../../src/core/clock.ts';
import { UpstreamError } from '../../../src/core/errors.ts';
import { memoryCallCounters } from '../../../src/rate-limit/call-counter.ts';
import { bulkhead } from '../../../src/upstream/bulkhead/layer.ts';
import { type Call, type Layer, stack } from '../../../src/upstream/call.ts';
import { circuitsOf } from '../../../src/upstream/circuit/endpoint-circuits.ts';
import type { CallCredentials, Issued } from '../../../src/upstream/credentials/call-credentials.ts';
import { memberWith } from '../../../src/upstream/endpoints/member.ts';
import { peakEwma } from '../../../src/upstream/endpoints/peak-ewma.ts';
import type { LayerDependencies } from '../../../src/upstream/events.ts';
import { injectedErrors } from '../../../src/upstream/faults/injected-error.ts';
import type { ActiveOverrides } from '../../../src/upstream/operations/active-overrides.ts';
import { RETRY_DEFAULTS, type TrafficOptions, trafficSettings } from '../../../src/upstream/options.ts';
import type { CallQuota } from '../../../src/upstream/quota/layer.ts';
import type { QuotaSettings } from '../../../src/upstream/quota/quota-options.ts';
import { RetryBudget } from '../../../src/upstream/retry/budget.ts';
import { Router } from '../../../src/upstream/routing/router.ts';
import { layersOf } from '../../../src/upstream/stack.ts';
import type { Transform } from '../../../src/upstream/transform/transform.ts';
import { endpoint, restCall } from './calls.ts';
import { manualDependencies, scriptedSend, settled } from './scripted-send.ts';

/** The layers of a stack, the outermost first. */
export const NAMES = [
  'observe',
  'deadline',
  'route',
  'transform',
  'single flight',
  'throttle',
  'bulkhead',
  'retry',
  'credentials',
  'hedge',
  'shadow',
  'balance',
  'quota',
  'circuit',
  'timeout',
  'faults',
  'observe attempt',
] as const;
type Name = (typeof NAMES)[number];

const quotaOf = (settings: QuotaSettings, clock: Clock): CallQuota => ({
  settings,
  counter: memoryCallCounters(clock)({ limit: settings.calls, seconds: settings.perSeconds }, 'shop.things'),
});

interface RigOptions {
  readonly hosts?: readonly string[];
  readonly timeoutMs?: number;
  readonly traffic?: TrafficOptions;
  readonly credentials?: CallCredentials;
  readonly hooks?: Transform;
  readonly overrides?: Partial<ActiveOverrides & Pick<LayerDependencies, 'random'>>;
}

/** The layers of an upstream in an order that a test chooses, on a backend that the test answers. */
export const rigIn =
  (order: (layers: readonly Layer[]) => readonly Layer[]) =>
  ({ hosts = ['a'], timeoutMs = 2_000, traffic = {}, credentials, hooks, overrides }: RigOptions = {}) => {
    const dependencies = manualDependencies(overrides);
    const settings = trafficSettings(traffic);
    const memberOf = memberWith(peakEwma, (address) => circuitsOf(settings.circuit, dependencies, address));
    const current = hosts.map((host) => memberOf(endpoint(`http://${host}`, { labels: { host } }), null));
    const layers = layersOf({
      settings,
      timeoutMs,
      members: { current },
      router: settings.routing === undefined ? null : new Router('shop.things', settings.routing, dependencies),
      injected: injectedErrors(),
      bulkhead: bulkhead(settings.limits, dependencies),
      budget: new RetryBudget(settings.retry ?? RETRY_DEFAULTS, dependencies.clock),
      locality: { zone: '', region: '' },
      credentials: credentials ?? null,
      hooks: hooks ?? null,
      quota: settings.quota === undefined ? null : quotaOf(settings.quota, dependencies.clock),
      dependencies,
    });
    const { sent, send, at } = scriptedSend();
    const upstream = stack(...order(layers))(send);
    /** Sends a call. Its rejection never counts as unhandled. */
    const sendCall = (changes: Partial<Call> = {}) => {
      const answer = upstream(restCall({ deadline: dependencies.clock.now() + 10_000, ...changes }));
      answer.catch(() => {});
      return answer;
    };
    return { dependencies, sent, at, sendCall };
  };

export type Rig = ReturnType<typeof rigIn>;

export const unavailable = () => new UpstreamError('SERVICE_UNAVAILABLE', restCall(), 'answered 503', { status: 503 });
/** The answer of a backend that has too many calls. */
export const overloaded = () =>
  new UpstreamError('RATE_LIMITED', restCall(), 'answered 429', {
    status: 429,
    response: { status: 429, headers: {}, body: undefined },
  });
export const distinct = (count: number) =>
  Array.from({ length: count }, (_, at) => restCall({}, { target: `/things/${at}` })).map(({ message }) => ({
    message,
  }));
export const NO_CREDENTIALS: Issued = { headers: {}, query: null, token: null };
export const issuing = (issue: CallCredentials['issue']): CallCredentials => ({
  issue,
  renew: async () => false,
  close: () => {},
});
export const THROTTLED: TrafficOptions = { throttle: true, retry: false };
export const ONLY_ONE: TrafficOptions = { limits: { inFlight: 1, pending: 0 } };

/** Measures the latency of reads, so that the next slow one is hedged. */
export const learnToHedge = async ({ sendCall, at, dependencies }: ReturnType<Rig>): Promise<void> => {
  for (let read = 0; read < 20; read += 1) {
    const answer = sendCall(distinct(20)[read]);
    await settled();
    dependencies.clock.advance(10);
    at(read).reply({});
    await answer;
  }
};

/** A property that holds for a layer outside another one, and fails if the two are swapped. */
export type StackProperty = readonly [outer: Name, inner: Name, title: string, holds: (rig: Rig) => Promise<boolean>];
