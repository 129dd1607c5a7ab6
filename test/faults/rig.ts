import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/core/clock.ts';
import type { Endpoint } from '../../src/upstream/endpoints/endpoint.ts';
import { parseEndpoints } from '../../src/upstream/endpoints/endpoint-list.ts';
import type { Registrations } from '../../src/upstream/endpoints/registrations/registrations.ts';
import { openSource } from '../../src/upstream/endpoints/sources/open-source.ts';
import type { UpstreamEvent } from '../../src/upstream/events.ts';
import { type CheckOptions, checkSettings, type TrafficOptions } from '../../src/upstream/options.ts';
import { connectUpstream, type Upstream } from '../../src/upstream/upstream.ts';
import { FaultyBackend } from './backends.ts';
import { type CallOptions, callOnce, type Kind, type Load, type LoadOptions, startLoad } from './load.ts';
import type { Protocol } from './protocols.ts';

/** Limits in milliseconds of everything without a limit of its own. */
export interface RigLimits {
  readonly deadlineMs: number;
  /** Timeout of one attempt. */
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
}

export interface RigOptions {
  /** Default 3. */
  readonly backends?: number;
  /** Timeout of one attempt in milliseconds. Default: that of the limits. */
  readonly timeoutMs?: number;
  readonly traffic?: TrafficOptions;
  readonly checks?: CheckOptions;
  readonly compression?: boolean;
  readonly idleMs?: number;
  /** Without proxies. Default false. */
  readonly direct?: boolean;
  /** Labels and zone of a backend. Default: none. */
  readonly placed?: (index: number) => Partial<Pick<Endpoint, 'labels' | 'zone'>>;
  /** Zone and region of the gateway. Default: none. */
  readonly locality?: { readonly zone: string; readonly region: string };
  /** Source of the endpoints: none is known before it has registered. Default: the list of the backends. */
  readonly registrations?: Registrations;
}

export type TimedEvent = UpstreamEvent & { readonly time: number };

/** Backends behind their proxies, and one upstream connected to them. */
export interface Rig extends AsyncDisposable {
  readonly backends: readonly FaultyBackend[];
  readonly upstream: Upstream;
  /** All events of the upstream, with the time in milliseconds on the scale of `performance.now`. */
  readonly events: TimedEvent[];
  /** Replaces the upstream with a new one without history. */
  reconnect(options?: Pick<RigOptions, 'traffic' | 'timeoutMs'>): Promise<void>;
  /** Connects another upstream to the same backends. */
  another(options: Pick<RigOptions, 'traffic' | 'timeoutMs'>): Pick<Rig, 'call'> & AsyncDisposable;
  call(kind: Kind, id: string, options?: CallOptions): Promise<string>;
  load(options: LoadOptions): Load;
  /** Warms up connections and code, then resets all records. */
  warmUp(): Promise<void>;
  /** The backend at this index. @throws Error for none. */
  backend(index: number): FaultyBackend;
}

export const sourcesOf = (endpoints: readonly Endpoint[]) =>
  endpoints.map((endpoint) => ({ by: 'address', endpoint }) as const);

const WARM_UP_CALLS = 300;

/** Opens a rig. `random` determines the faults and the choices of the stack. */
export const openRig = async (
  protocol: Protocol,
  random: () => number,
  { deadlineMs, connectTimeoutMs, ...limits }: RigLimits,
  options: RigOptions = {},
): Promise<Rig> => {
  const { backends: count = 3, idleMs = null, direct = false, compression = false } = options;
  const backends = await Promise.all(
    Array.from({ length: count }, () => FaultyBackend.start({ protocol, random, idleMs, direct })),
  );
  const events: TimedEvent[] = [];
  const { registrations, placed = () => ({}), locality } = options;
  const sources =
    registrations === undefined
      ? sourcesOf(backends.map(({ endpoint }, index) => ({ ...endpoint, ...placed(index) })))
      : parseEndpoints('registered:', protocol.name);
  const connect = ({ traffic, timeoutMs = limits.timeoutMs }: Pick<RigOptions, 'traffic' | 'timeoutMs'>): Upstream =>
    connectUpstream(
      {
        name: 'faults.things',
        sources,
        checks: options.checks === undefined ? null : checkSettings(options.checks),
        traffic: { timeoutMs, ...traffic },
        ...protocol.settings(compression),
      },
      {
        clock: systemClock,
        random,
        connectTimeoutMs,
        ...locality,
        ...(registrations !== undefined && { open: openSource({ clock: systemClock, registrations }) }),
        report: (event) => events.push({ ...event, time: performance.now() }),
      },
    );
  let upstream = connect(options);
  const call = (kind: Kind, id: string, callOptions?: CallOptions) =>
    callOnce(upstream.send, protocol, kind, id, { deadlineMs, ...callOptions });
  const backend = (index: number) => {
    const found = backends[index];
    if (found === undefined) throw new Error(`there is no backend ${index}`);
    return found;
  };
  return {
    backends,
    get upstream() {
      return upstream;
    },
    events,
    reconnect: async (changes = {}) => {
      const old = upstream;
      upstream = connect({ ...options, ...changes });
      events.length = 0;
      await closed(old);
    },
    another: (changes) => {
      const more = connect({ ...options, ...changes });
      return {
        call: (kind, id, callOptions) => callOnce(more.send, protocol, kind, id, { deadlineMs, ...callOptions }),
        [Symbol.asyncDispose]: () => closed(more),
      };
    },
    call,
    load: (loadOptions) => startLoad(upstream.send, protocol, { deadlineMs, ...loadOptions }),
    warmUp: async () => {
      for (let index = 0; index < WARM_UP_CALLS; index += 10) {
        const ids = Array.from({ length: 10 }, (_, more) => `warm-${index + more}`);
        await Promise.all(ids.map((id) => call('read', id)));
      }
      events.length = 0;
      await Promise.all(backends.map((one) => one.forget()));
    },
    backend,
    [Symbol.asyncDispose]: async () => {
      await closed(upstream);
      await Promise.all(backends.map((one) => one[Symbol.asyncDispose]()));
    },
  };
};

const MAX_CLOSE_MS = 3_000;

/** A hanging proxy may keep a connection from closing. */
const closed = (upstream: Upstream): Promise<void> =>
  Promise.race([upstream.close(), sleep(MAX_CLOSE_MS, undefined, { ref: false })]);
