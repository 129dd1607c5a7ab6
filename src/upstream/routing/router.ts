import { hashOf } from '../balance/policy/hash.ts';
import type { RoutedSubset } from '../call.ts';
import type { LayerDependencies } from '../events.ts';
import { CanaryTrial, type TrialSnapshot } from '../release/canary-trial.ts';
import type { CallOrigin } from './call-origin.ts';
import { type CallerKey, callerValue } from './caller-key.ts';
import { type Condition, conditionOf, headersRead } from './condition.ts';
import type { RouteSettings, RoutingSettings, Weights } from './route-options.ts';
import { drawSubset, stickySubset, type Weighted } from './weighted-subset.ts';

/** A route, prepared for calls. */
interface PreparedRoute {
  /** Null for a route that holds for every call. */
  readonly holds: Condition | null;
  readonly sticky: CallerKey | null;
  readonly subsets: readonly Weighted<RoutedSubset>[];
}

/** State of the routes of one upstream, for operators. */
export interface RoutingSnapshot {
  readonly weights: Weights;
  readonly canaries: readonly TrialSnapshot[];
}

type Overridden = Pick<LayerDependencies['overrides'], 'routes' | 'weights'>;

/**
 * Chooses the subset of each call to one upstream: routes of operators first, then those of the module.
 *
 * Callers of two upstreams are spread independently, so that the same callers are not part of every canary.
 */
export class Router {
  readonly #upstream: string;
  readonly #settings: RoutingSettings;
  readonly #overrides: Overridden;
  readonly #random: () => number;
  readonly #trials: readonly (CanaryTrial | null)[];
  #prepared: readonly PreparedRoute[] = [];
  #requestHeaders: readonly string[] = [];
  #routes: readonly RouteSettings[] | null = null;
  #weights: Weights | null = null;

  constructor(upstream: string, settings: RoutingSettings, dependencies: LayerDependencies) {
    const { overrides, random } = dependencies;
    this.#upstream = upstream;
    this.#settings = settings;
    this.#overrides = overrides;
    this.#random = random;
    const again = () => {
      this.#prepared = [];
    };
    this.#trials = settings.routes.map(({ canary, to }) =>
      canary === undefined || typeof to === 'string' ? null : new CanaryTrial(canary, to, dependencies, again),
    );
    this.#prepare();
  }

  /** The subset for a call of this request. */
  choose(origin: CallOrigin | undefined): RoutedSubset {
    const route = this.#routeOf(origin);
    return this.#sticky(route, origin) ?? this.#drawn(route);
  }

  /** Name of the subset of every call of this request; null if each call is drawn by weight. */
  subsetOf(origin: CallOrigin): string | null {
    const route = this.#routeOf(origin);
    const [first] = route.subsets;
    if (route.subsets.length === 1 && first !== undefined) return first.subset.name;
    return this.#sticky(route, origin)?.name ?? null;
  }

  /** Headers of the client's request that the routes in force read, in lower case. */
  requestHeaders(): readonly string[] {
    this.#prepare();
    return this.#requestHeaders;
  }

  /** Weights of the last route as in force, and the canaries. */
  snapshot(): RoutingSnapshot {
    this.#prepare();
    const last = this.#prepared.at(-1)?.subsets ?? [];
    return {
      weights: Object.fromEntries(last.map(({ subset, weight }) => [subset.name, weight])),
      canaries: this.#trials.flatMap((trial) => (trial === null ? [] : [trial.snapshot()])),
    };
  }

  #routeOf(origin: CallOrigin | undefined): PreparedRoute {
    this.#prepare();
    for (const route of this.#prepared)
      if (route.holds === null || (origin !== undefined && route.holds(origin))) return route;
    throw new Error(`${this.#upstream} has no route for every call`);
  }

  #sticky({ sticky, subsets }: PreparedRoute, origin: CallOrigin | undefined): RoutedSubset | undefined {
    if (sticky === null || origin === undefined) return undefined;
    const key = callerValue(sticky, origin);
    return key === null ? undefined : stickySubset(subsets, key);
  }

  #drawn({ subsets }: PreparedRoute): RoutedSubset {
    const [first] = subsets;
    const drawn = subsets.length === 1 ? first?.subset : drawSubset(subsets, this.#random());
    if (drawn === undefined) throw new Error(`${this.#upstream} has a route without a subset`);
    return drawn;
  }

  /** Prepares the routes again after a change of the overrides. */
  #prepare(): void {
    const routes = this.#overrides.routes();
    const weights = this.#overrides.weights();
    if (this.#prepared.length > 0 && routes === this.#routes && weights === this.#weights) return;
    this.#routes = routes;
    this.#weights = weights;
    const own = this.#settings.routes.map((route, index, all) =>
      weights !== null && index === all.length - 1
        ? this.#preparedRoute({ ...route, to: weights }, null)
        : this.#preparedRoute(route, this.#trials[index] ?? null),
    );
    this.#requestHeaders = [...new Set([...(routes ?? []), ...this.#settings.routes].flatMap(headersRead))];
    this.#prepared = [...(routes ?? []).map((route) => this.#preparedRoute(route, null)), ...own];
  }

  #preparedRoute({ when, to, sticky, fallback }: RouteSettings, trial: CanaryTrial | null): PreparedRoute {
    const weights = trial?.weights ?? (typeof to === 'string' ? { [to]: 1 } : to);
    return {
      holds: when === undefined ? null : conditionOf(when),
      sticky: sticky ?? null,
      subsets: Object.entries(weights).map(([name, weight]) => ({
        subset: {
          name,
          fallback: fallback === false || fallback === name ? null : fallback,
          observe: trial === null ? undefined : (outcome, ms) => trial.observe(name, outcome, ms),
        },
        weight,
        hash: hashOf(`${this.#upstream} ${name}`),
      })),
    };
  }
}
