import { UpstreamError } from '../../core/errors.ts';
import { type Call, callerOf } from '../call.ts';
import { NoEndpointError } from '../errors.ts';
import type { Candidate, Eligibility, Level } from './candidate.ts';

const conditionOf = ({ eligibility, member }: Candidate): string =>
  member.inFlight >= member.endpoint.max &&
  (eligibility === 'healthy' || eligibility === 'probe' || eligibility === 'kept')
    ? 'full'
    : eligibility;

const described = (candidates: readonly Candidate[]): string => {
  const counts = new Map<string, number>();
  for (const candidate of candidates) counts.set(conditionOf(candidate), (counts.get(conditionOf(candidate)) ?? 0) + 1);
  return counts.size === 0 ? 'none known' : [...counts].map(([what, count]) => `${count} ${what}`).join(', ');
};

/** Milliseconds until each paused circuit admits calls again. */
const circuitPauses = (candidates: readonly Candidate[], route: string): readonly number[] =>
  candidates.flatMap(({ member }) =>
    member.circuits.snapshot().flatMap((circuit) => {
      const concerned = circuit.route === null || circuit.route === route;
      return concerned && circuit.opensForMs !== null ? [circuit.opensForMs] : [];
    }),
  );

/** The minimum; null for an empty list. */
const least = (all: readonly number[]): number | null => (all.length === 0 ? null : Math.min(...all));

/**
 * The error for a call that no endpoint can take. Its reason counts the endpoints by state. The code is RATE_LIMITED if
 * every endpoint has paused this caller, else SERVICE_UNAVAILABLE.
 */
export const noEndpointError = (levels: readonly Level[], call: Call, now: number): UpstreamError => {
  const candidates = levels.flatMap((level) => level.candidates);
  const reason = `no endpoint: ${described(candidates)}`;
  const cause = new NoEndpointError('nothing was sent');
  const present = candidates.filter(({ eligibility }) => eligibility !== 'drained');
  const all = (eligibility: Eligibility) =>
    present.length > 0 && present.every((candidate) => candidate.eligibility === eligibility);
  if (all('paused for this caller')) {
    const ms = Math.min(...present.map(({ member }) => member.callerPauses.pausedFor(callerOf(call), now)));
    const details = { retryAfter: Math.ceil(ms / 1_000) };
    return new UpstreamError('RATE_LIMITED', call, reason, { retryAfterMs: ms, details, cause });
  }
  const retryAfterMs = all('paused') ? least(circuitPauses(present, call.route)) : null;
  return new UpstreamError('SERVICE_UNAVAILABLE', call, reason, { retryAfterMs, cause });
};
