import type { OpenCallCounter } from '../../rate-limit/call-counter.ts';
import { type Call, callerOf } from '../call.ts';
import type { EgressSettings } from './egress-options.ts';
import type { EgressProxy, ProxyLease } from './egress-proxy.ts';
import { rotatedProxies } from './rotated-proxies.ts';

/** The proxies that an upstream may use, now. */
export type ListProxies = () => readonly EgressProxy[];

/** No proxy may be used. `retryMs` is the time until one may be; null if there is no proxy at all. */
export interface Spent {
  readonly retryMs: number | null;
}

/** The proxies of one upstream, in the order of its rotation. */
export class ProxyGroup {
  readonly #list: ListProxies;
  readonly #settings: Pick<EgressSettings, 'rotate' | 'perProxy'>;
  readonly #upstream: string;
  readonly #openCounter: OpenCallCounter;
  readonly #counters = new WeakMap<EgressProxy, ReturnType<OpenCallCounter>>();
  #turn = 0;

  constructor(
    upstream: string,
    list: ListProxies,
    settings: Pick<EgressSettings, 'rotate' | 'perProxy'>,
    openCounter: OpenCallCounter,
  ) {
    this.#upstream = upstream;
    this.#list = list;
    this.#settings = settings;
    this.#openCounter = openCounter;
  }

  /** True if a proxy other than these may be used now, as far as it is known without a call of its quota. */
  hasOthers(tried: ReadonlySet<EgressProxy>): boolean {
    return this.#list().some((proxy) => !tried.has(proxy) && proxy.isUsableBy(this.#upstream));
  }

  /** A proxy that may be used now; null for none. */
  firstUsable(): EgressProxy | null {
    return this.#list().find((proxy) => proxy.isUsableBy(this.#upstream)) ?? null;
  }

  /** Begins an attempt through the next proxy that is usable, within its quota, and not one of these. */
  async take(call: Call, tried: ReadonlySet<EgressProxy>): Promise<ProxyLease | Spent> {
    const proxies = this.#list();
    const turn = tried.size === 0 ? this.#turn++ : this.#turn;
    let retryMs = Number.POSITIVE_INFINITY;
    for (const proxy of rotatedProxies(this.#settings.rotate, proxies, { turn, caller: callerOf(call) })) {
      if (tried.has(proxy)) continue;
      const waitMs = proxy.waitMs(this.#upstream);
      if (waitMs > 0) {
        retryMs = Math.min(retryMs, waitMs);
        continue;
      }
      const spentMs = await this.#spentMs(proxy);
      // A store may count. Connections through a proxy that was removed meanwhile would never be closed.
      if (!this.#list().includes(proxy)) return this.take(call, new Set([...tried, proxy]));
      if (spentMs === 0) return proxy.begin(this.#upstream);
      retryMs = Math.min(retryMs, spentMs);
    }
    for (const proxy of tried) retryMs = Math.min(retryMs, proxy.waitMs(this.#upstream));
    return { retryMs: proxies.length === 0 ? null : Number.isFinite(retryMs) ? retryMs : 0 };
  }

  /** Counts a call of this proxy's quota. Returns 0, or the milliseconds until it has one. */
  async #spentMs(proxy: EgressProxy): Promise<number> {
    const { perProxy } = this.#settings;
    if (perProxy === undefined) return 0;
    const quota = { limit: perProxy.calls, seconds: perProxy.perSeconds };
    const counter = this.#counters.get(proxy) ?? this.#openCounter(quota, `${this.#upstream}:${proxy.entry.name}`);
    this.#counters.set(proxy, counter);
    const taken = await counter.take();
    return taken.admitted ? 0 : Math.max(1, taken.retryMs);
  }
}
