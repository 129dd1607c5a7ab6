import { balance } from './balance/balance.ts';
import { type Layer, stack } from './call.ts';
import { circuit } from './circuit/layer.ts';
import type { Tools } from './events.ts';
import type { Bulkhead } from './limit/bulkhead.ts';
import { takesCalls } from './limit/capacity.ts';
import type { Members } from './members.ts';
import { observe, observeAttempt } from './observe.ts';
import type { RetryBudget } from './retry/budget.ts';
import { hedge } from './retry/hedge.ts';
import { retry } from './retry/layer.ts';
import { singleFlight } from './single-flight.ts';
import { deadline, timeout } from './time-limit.ts';
import type { TrafficSettings } from './traffic.ts';

export interface StackParts {
  readonly settings: TrafficSettings;
  /** Of one attempt. */
  readonly timeoutMs: number;
  readonly members: Pick<Members, 'current'>;
  readonly bulkhead: Bulkhead;
  readonly budget: RetryBudget;
  /** The zone that the gateway runs in; '' where it knows none. */
  readonly zone: string;
  /** Calls that one endpoint carries at a time, each on a connection of its own. Default: any number. */
  readonly connections?: number;
  readonly tools: Tools;
}

/**
 * What every call to one upstream goes through on its way to the wire, and every stream until it is established.
 *
 * The first layer listed sees a call first and its outcome last. Each place has its reason, and a test of its own: the deadline
 * is each caller's, so it is outside the flight that several share; a flight counts once in the bulkhead, and so do all
 * attempts of a call; a retry is outside the choice of an endpoint, so that it reaches another one, and so is a hedge; the
 * circuit is inside that choice, so that it hears of one endpoint's attempts only; of an attempt's time limit it hears as of any
 * other failure. Of what is yet to come, routes, transformations and an HTTP cache belong between deadline and flight, faults on
 * purpose between the time limit and the attempt.
 */
export const layersOf = ({
  settings,
  timeoutMs,
  members,
  bulkhead,
  budget,
  zone,
  connections = Number.POSITIVE_INFINITY,
  tools,
}: StackParts) =>
  [
    observe,
    deadline(tools.clock),
    singleFlight(tools.clock),
    bulkhead.layer,
    retry(settings.retry, budget, tools, (visited) =>
      members.current.some((member) => !visited.has(member.endpoint) && takesCalls(member, tools.steering)),
    ),
    hedge(settings.hedge, budget, tools),
    balance(members, settings.balance, tools, { zone, connections }),
    circuit(tools),
    timeout({ timeoutMs }, tools),
    observeAttempt(tools),
  ] as const satisfies readonly Layer[];

/** These layers, in their order. */
export const upstreamStack = (parts: StackParts): Layer => stack(...layersOf(parts));
