import { balance } from './balance/layer.ts';
import type { GatewayPlace } from './balance/select-endpoint.ts';
import { takesCalls } from './bulkhead/capacity.ts';
import type { Bulkhead } from './bulkhead/layer.ts';
import { type Layer, stack } from './call.ts';
import { circuit } from './circuit/layer.ts';
import type { CallCredentials } from './credentials/call-credentials.ts';
import { credentials } from './credentials/layer.ts';
import type { Members } from './endpoints/members.ts';
import type { LayerDependencies } from './events.ts';
import type { InjectedError } from './faults/injected-error.ts';
import { faults } from './faults/layer.ts';
import { hedge } from './hedge/layer.ts';
import type { EndpointLoads } from './load/endpoint-loads.ts';
import { observe, observeAttempt } from './observe.ts';
import type { TrafficSettings } from './options.ts';
import { type CallQuota, providerQuota } from './quota/layer.ts';
import { shadow } from './release/shadow.ts';
import type { RetryBudget } from './retry/budget.ts';
import { retry } from './retry/layer.ts';
import { routing } from './routing/layer.ts';
import type { Router } from './routing/router.ts';
import { reachable, subsetMembers } from './routing/subset-members.ts';
import { singleFlight } from './single-flight/layer.ts';
import { throttle } from './throttle/layer.ts';
import { deadline, timeout } from './time-limit.ts';
import { transform } from './transform/layer.ts';
import type { Transform } from './transform/transform.ts';

export interface StackParts {
  readonly settings: TrafficSettings;
  /** Timeout of one attempt in milliseconds. */
  readonly timeoutMs: number;
  readonly members: Pick<Members, 'current'>;
  readonly bulkhead: Bulkhead;
  readonly budget: RetryBudget;
  /** Where the gateway runs. */
  readonly locality: Omit<GatewayPlace, 'connections'>;
  /** Chooses subsets; null without routes. Default null. */
  readonly router?: Router | null;
  /** Hooks of the module; null for none. Default null. */
  readonly hooks?: Transform | null;
  /** Errors of injected faults; null if fault injection is off. Default null. */
  readonly injected?: InjectedError | null;
  /** Maximum number of concurrent calls of one endpoint, each on its own connection. Default: no limit. */
  readonly connections?: number;
  /** Loads that the endpoints report. Default: nothing is sent to them. */
  readonly loads?: EndpointLoads | undefined;
  /** The gateway's own headers and credentials; null for none. Default null. */
  readonly credentials?: CallCredentials | null;
  /** The quota of the provider; null for none. Default null. */
  readonly quota?: CallQuota | null;
  readonly dependencies: LayerDependencies;
}

/**
 * Layers of every call to one upstream, and of every stream until it is established. The first layer listed sees the
 * call first and its outcome last. stack.test.ts swaps every pair of neighbours: each swap breaks a property.
 */
export const layersOf = ({
  settings,
  timeoutMs,
  members,
  bulkhead,
  budget,
  locality,
  connections = Number.POSITIVE_INFINITY,
  router = null,
  hooks = null,
  injected = null,
  loads,
  credentials: own = null,
  quota: ofProvider = null,
  dependencies,
}: StackParts) => {
  const subsets = subsetMembers(members, settings.routing?.subsets ?? {});
  return [
    // One span and one measurement for each call, even for one that is never sent.
    observe,
    // Each caller has its own deadline, so it is outside the flight that several share.
    deadline(dependencies.clock),
    // Calls of different subsets share no flight and no entry of a cache.
    routing(router, dependencies),
    // Calls that a hook makes equal share a flight, and each caller's hook has an answer of its own.
    transform(hooks),
    // A flight counts once, however many calls share it.
    singleFlight(dependencies.clock),
    // A refused call neither waits nor takes a slot. Its retries count by their result.
    throttle(settings.throttle, dependencies),
    // A call keeps its slot during all its attempts.
    bulkhead.layer,
    // A hedge shares the `visited` of its call, so that retries and hedges go to different endpoints.
    retry(settings.retry, budget, dependencies, (visited, call) =>
      reachable(call, members, subsets).some(
        (member) => !visited.has(member.endpoint) && takesCalls(member, dependencies.overrides),
      ),
    ),
    // Each retry has the present credentials. A wait for a token is no latency of an endpoint, and is not hedged.
    credentials(own, budget, dependencies),
    // Each attempt of a hedged call chooses an endpoint of its own.
    hedge(settings.hedge, budget, dependencies),
    // A copy of a read takes no slot, no retry and no hedge, and goes to an endpoint of its own.
    shadow(settings.routing?.shadow ?? null, dependencies),
    // The circuit belongs to the endpoint that is chosen here.
    balance(members, settings.balance, dependencies, { ...locality, connections }, subsets, loads),
    // Only an attempt with an endpoint is a call of the quota. A refused one is no probe of a circuit.
    providerQuota(ofProvider, dependencies),
    // A timeout counts against the endpoint like any other failure.
    circuit(dependencies),
    // An attempt without time left is never sent, so it is not observed.
    timeout({ timeoutMs }, dependencies),
    // An injected fault is bounded by the timeout and counts for the circuit; nothing is sent.
    faults(injected, dependencies),
    // Next to the transport: each attempt on the network.
    observeAttempt(dependencies),
  ] as const satisfies readonly Layer[];
};

/** Composes these layers in their order. */
export const upstreamStack = (parts: StackParts): Layer => stack(...layersOf(parts));
