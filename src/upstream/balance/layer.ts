import { UpstreamError } from '../../core/errors.ts';
import { type Call, copyOf, isClientStream, type Layer, type RoutedSubset } from '../call.ts';
import type { Member } from '../endpoints/member.ts';
import type { LayerDependencies } from '../events.ts';
import { SupersededError } from '../hedge/layer.ts';
import { EndpointLoads } from '../load/endpoint-loads.ts';
import type { BalanceSettings } from '../options.ts';
import { answered, type Outcome, outcomeOf } from '../outcome.ts';
import type { MemberList, SubsetMembers } from '../routing/subset-members.ts';
import type { Candidate } from './candidate.ts';
import { againstAdvice } from './eligibility.ts';
import { type GatewayPlace, selectEndpoint } from './select-endpoint.ts';

const IGNORED: Outcome = { is: 'ignored' };
const NO_SUBSETS: SubsetMembers = new Map();

/** Resets an endpoint that is back: no measurements of its past, and a slow start. */
const restart = (member: Member, loads: EndpointLoads, now: number): void => {
  member.latency.reset();
  loads.reset(member);
  member.warmingSince = now;
  member.unreachable = false;
};

/** A single failure may be chance. */
const FAILURES_IN_A_ROW = 2;

/** True for the first call after the penalty of an endpoint that failed while its circuit stayed closed. */
const isReturning = ({ latency, warmingSince, unreachable }: Member, now: number): boolean =>
  (unreachable || latency.failures >= FAILURES_IN_A_ROW) && latency.penalty(now) === 0 && warmingSince === null;

/** A chosen candidate, and the observer of its outcome. */
interface Selected {
  readonly candidate: Candidate;
  readonly observe?: RoutedSubset['observe'];
}

/** False for retries and hedges. */
const isFirstAttempt = ({ attempt, visited }: Call): boolean =>
  attempt === 1 && (visited === undefined || visited.size === 0);

const endAttempt = (member: Member): void => {
  member.inFlight -= 1;
};

const isUnreachable = (error: unknown): boolean =>
  error instanceof UpstreamError &&
  error.status === null &&
  (error.code === 'SERVICE_UNAVAILABLE' || error.code === 'UPSTREAM_ERROR');

/**
 * Sends each call to one of the upstream's endpoints and records the outcome.
 *
 * `own` has the gateway's zone and region, '' for none. An endpoint with `own.connections` attempts in flight is chosen only
 * if every endpoint has as many, because the call would wait there for a connection. An attempt is in flight until it
 * has failed or its answer has ended, streams included. An endpoint restarts with a slow start after its circuit has
 * closed, and after the penalty for failures with a closed circuit. A call with a subset goes to its endpoints only, or
 * to those of its fallback while it has no usable one and the fallback has.
 */
export const balance = (
  members: MemberList,
  settings: BalanceSettings,
  dependencies: LayerDependencies,
  own: GatewayPlace,
  subsets: SubsetMembers = NO_SUBSETS,
  loads: EndpointLoads = new EndpointLoads(settings, dependencies),
): Layer => {
  const { clock } = dependencies;
  const everywhere = selectEndpoint(members, settings, dependencies, own, loads);
  const within = new Map(
    [...subsets].map(([name, list]) => [name, selectEndpoint(list, settings, dependencies, own, loads)]),
  );
  const selectIn = ({ name, fallback, observe }: RoutedSubset, call: Call, now: number): Selected => {
    const selection = within.get(name);
    if (selection === undefined) throw new Error(`${call.upstream} has no subset "${name}"`);
    const other = fallback === null ? undefined : within.get(fallback);
    if (fallback === null || other === undefined || selection.hasUsable(call, now) || !other.hasUsable(call, now))
      return { candidate: selection.select(call, now), observe: isFirstAttempt(call) ? observe : undefined };
    dependencies.report({ is: 'routed', route: call.route, subset: fallback, isFallback: true });
    return { candidate: other.select(call, now) };
  };
  return (next) => async (call) => {
    const since = clock.now();
    const routed = call.subset === undefined ? null : selectIn(call.subset, call, since);
    const candidate = routed === null ? everywhere.select(call, since) : routed.candidate;
    const { member } = candidate;
    const { endpoint, circuits, latency } = member;
    const sent = copyOf(call);
    sent.endpoint = endpoint;
    sent.member = member;
    sent.chosenAt = since;
    sent.inPanic = againstAdvice(candidate);
    if (isReturning(member, since)) restart(member, loads, since);
    const wasOpen = circuits.openSince(call.route) !== null;
    call.visited?.add(endpoint);
    member.inFlight += 1;
    try {
      const answer = await next(sent);
      const now = clock.now();
      // The circuit layer has already processed this answer.
      if (wasOpen && circuits.openSince(call.route) === null) restart(member, loads, now);
      member.unreachable = false;
      routed?.observe?.(answered(), now - since);
      if (!isClientStream(call)) latency.observe(now - since, answered(), now);
      if (answer.ended === undefined) endAttempt(member);
      else void answer.ended.then(() => endAttempt(member));
      if (loads.areInAnswers) loads.answered(member, answer.headers, now);
      return answer;
    } catch (error) {
      endAttempt(member);
      const now = clock.now();
      const ms = now - since;
      const outcome = outcomeOf(error, call);
      if (isUnreachable(error) && outcome.is === 'failure') member.unreachable = true;
      // The duration of an attempt ended by its caller says nothing about the endpoint. An attempt beaten by a hedge
      // took at least this long.
      const isSlower = call.signal.reason instanceof SupersededError && ms > (latency.measured ?? 0);
      routed?.observe?.(call.signal.aborted ? IGNORED : outcome, ms);
      latency.observe(ms, isSlower ? answered() : call.signal.aborted ? IGNORED : outcome, now);
      throw error;
    }
  };
};
