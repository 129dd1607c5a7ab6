import type { ProxyEntry } from '../../config/egress/proxy-list.ts';
import { circuitsOf } from '../circuit/endpoint-circuits.ts';
import type { CircuitState, LayerDependencies } from '../events.ts';
import { NO_OVERRIDES } from '../operations/active-overrides.ts';
import { trafficSettings } from '../options.ts';
import { carriesLabels, type EgressSettings } from './egress-options.ts';
import { EgressProxy, type ProxyStatus } from './egress-proxy.ts';
import type { ListProxies } from './proxy-group.ts';

/** A change of a proxy, for operators. Never contains a credential. */
export interface ProxyEvent {
  readonly proxy: string;
  readonly to: CircuitState | 'added' | 'removed';
  readonly reason: string;
}

/** Failures in a row open the circuit of a proxy; a rejection such as 407 opens it immediately. */
const { circuit: CIRCUIT } = trafficSettings({
  circuit: { consecutiveFailures: 3, minCalls: Number.MAX_SAFE_INTEGER, maxOpenMs: 300_000 },
});

type Dependencies = Pick<LayerDependencies, 'clock' | 'random'> & {
  /** Default: events are dropped. */
  readonly report?: (event: ProxyEvent) => void;
};

const keyOf = ({ name, origin, authorization, labels }: ProxyEntry): string =>
  JSON.stringify([name, origin, authorization?.reveal() ?? null, labels]);

/** All egress proxies of the gateway: those of `EGRESS_PROXIES`, and those of `HTTPS_PROXY` and `HTTP_PROXY`. */
export class ProxyRegistry {
  readonly #dependencies: Dependencies;
  readonly #listed = new Map<string, EgressProxy>();
  readonly #usual = new Map<ProxyEntry, EgressProxy>();
  readonly #onRemoved = new Set<(proxy: EgressProxy) => void>();
  #version = 0;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /** Replaces the list. Unchanged proxies keep their state; calls in flight through removed ones go on. */
  replace(entries: readonly ProxyEntry[]): void {
    const kept = new Map(entries.map((entry) => [keyOf(entry), entry]));
    for (const [key, proxy] of this.#listed) {
      if (kept.has(key)) continue;
      this.#listed.delete(key);
      this.#report(proxy.entry, 'removed', 'not in the list');
      for (const removed of this.#onRemoved) removed(proxy);
    }
    for (const [key, entry] of kept) {
      if (this.#listed.has(key)) continue;
      this.#listed.set(key, this.#create(entry));
      // Not those of the start.
      if (this.#version > 0) this.#report(entry, 'added', 'in the list');
    }
    this.#version += 1;
  }

  /** Returns the present proxies with these labels, whenever it is called. */
  withLabels(labels: EgressSettings['labels']): ListProxies {
    let version = -1;
    let found: readonly EgressProxy[] = [];
    return () => {
      if (version !== this.#version) {
        version = this.#version;
        found = [...this.#listed.values()].filter(({ entry }) => carriesLabels(entry, labels));
      }
      return found;
    };
  }

  /** The proxy of `HTTPS_PROXY` or `HTTP_PROXY`. */
  usual(entry: ProxyEntry): EgressProxy {
    const known = this.#usual.get(entry) ?? this.#create(entry);
    this.#usual.set(entry, known);
    return known;
  }

  /** Calls `removed` for each proxy that leaves the list. Returns the end of these calls. */
  onRemoved(removed: (proxy: EgressProxy) => void): () => void {
    this.#onRemoved.add(removed);
    return () => void this.#onRemoved.delete(removed);
  }

  status(): readonly ProxyStatus[] {
    return [...this.#listed.values(), ...this.#usual.values()].map((proxy) => proxy.status());
  }

  #create(entry: ProxyEntry): EgressProxy {
    const { clock, random } = this.#dependencies;
    const circuits = circuitsOf(
      CIRCUIT,
      {
        clock,
        random,
        overrides: NO_OVERRIDES,
        report: (event) => {
          if (event.is === 'circuit') this.#report(entry, event.to, event.reason);
        },
      },
      entry.name,
    );
    return new EgressProxy(entry, circuits, clock);
  }

  #report({ name }: ProxyEntry, to: ProxyEvent['to'], reason: string): void {
    this.#dependencies.report?.({ proxy: name, to, reason });
  }
}
