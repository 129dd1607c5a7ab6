import { UpstreamError } from '../../errors.ts';
import { copyOf, type Layer } from '../call.ts';
import { answered, type Verdict, verdictOn } from '../classify.ts';
import type { Tools } from '../events.ts';
import type { Member } from '../member.ts';
import { SupersededError } from '../retry/hedge.ts';
import type { BalanceSettings } from '../traffic.ts';
import { againstAdvice } from './eligible.ts';
import { placing } from './place.ts';

const NOTHING: Verdict = { is: 'nothing' };

/** It is back: nothing of its past is held against it, and it begins slowly. */
const restart = (member: Member, now: number): void => {
  member.latency.reset();
  member.warmingSince = now;
  member.away = false;
};

/** One failure alone may be chance. */
const FAILURES_IN_A_ROW = 2;

/** Whether this endpoint was let alone for its failures, without any circuit, and is tried for the first time since. */
const wasLetAlone = ({ latency, warmingSince, away }: Member, now: number): boolean =>
  (away || latency.failures >= FAILURES_IN_A_ROW) && latency.penalty(now) === 0 && warmingSince === null;

const leave = (member: Member): void => {
  member.inFlight -= 1;
};

const nobodyWasThere = (error: unknown): boolean =>
  error instanceof UpstreamError &&
  error.status === null &&
  (error.code === 'SERVICE_UNAVAILABLE' || error.code === 'UPSTREAM_ERROR');

/**
 * Sends each call to one of the upstream's endpoints, and learns from how it goes.
 *
 * `own.zone` is the zone that the gateway runs in, '' where it knows none. An endpoint with `own.connections` attempts under way
 * gets another one only where all have as many: it would wait there, for a connection. An attempt counts as under way until it has
 * failed or its answer has ended, which of a stream is after it was given. An endpoint whose circuit has closed is a new
 * one, and so is one that was let alone for its failures while its circuit stayed closed.
 */
export const balance = (
  members: { readonly current: readonly Member[] },
  settings: BalanceSettings,
  tools: Tools,
  own: { readonly zone: string; readonly connections: number },
): Layer => {
  const { clock } = tools;
  const place = placing(members, settings, tools, own);
  return (next) => async (call) => {
    const since = clock.now();
    const seat = place(call, since);
    const { member } = seat;
    const { endpoint, circuits, latency } = member;
    const placed = copyOf(call);
    placed.endpoint = endpoint;
    placed.member = member;
    placed.chosenAt = since;
    placed.inPanic = againstAdvice(seat);
    if (wasLetAlone(member, since)) restart(member, since);
    const wasOpen = circuits.openSince(call.route) !== null;
    call.visited?.add(endpoint);
    member.inFlight += 1;
    try {
      const answer = await next(placed);
      const now = clock.now();
      // The layer within has heard of this answer by now.
      if (wasOpen && circuits.openSince(call.route) === null) restart(member, now);
      member.away = false;
      latency.observe(now - since, answered(), now);
      if (answer.ended === undefined) leave(member);
      else void answer.ended.then(() => leave(member));
      return answer;
    } catch (error) {
      leave(member);
      const now = clock.now();
      const ms = now - since;
      const verdict = verdictOn(error, call);
      if (nobodyWasThere(error) && verdict.is === 'failure') member.away = true;
      // Whoever gave up may have had the least patience: what it waited says nothing. Where another attempt was quicker, this
      // one was at least as slow as that.
      const isSlower = call.signal.reason instanceof SupersededError && ms > (latency.measured ?? 0);
      latency.observe(ms, isSlower ? answered() : call.signal.aborted ? NOTHING : verdict, now);
      throw error;
    }
  };
};
