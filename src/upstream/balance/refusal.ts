import { UpstreamError } from '../../errors.ts';
import { type Call, callerOf } from '../call.ts';
import { NoEndpointError } from '../not-processed.ts';
import type { Fitness } from './fitness.ts';
import type { Level, Seat } from './seat.ts';

const conditionOf = ({ fitness, member }: Seat): string =>
  member.inFlight >= member.endpoint.max && (fitness === 'fit' || fitness === 'due' || fitness === 'spared')
    ? 'full'
    : fitness;

const described = (seats: readonly Seat[]): string => {
  const counts = new Map<string, number>();
  for (const seat of seats) counts.set(conditionOf(seat), (counts.get(conditionOf(seat)) ?? 0) + 1);
  return counts.size === 0 ? 'none known' : [...counts].map(([what, count]) => `${count} ${what}`).join(', ');
};

/** Milliseconds until each paused circuit admits calls again. */
const circuitPauses = (seats: readonly Seat[], route: string): readonly number[] =>
  seats.flatMap(({ member }) =>
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
export const refusalOf = (levels: readonly Level[], call: Call, now: number): UpstreamError => {
  const seats = levels.flatMap((level) => level.seats);
  const reason = `no endpoint: ${described(seats)}`;
  const cause = new NoEndpointError('nothing was sent');
  const present = seats.filter(({ fitness }) => fitness !== 'drained');
  const all = (fitness: Fitness) => present.length > 0 && present.every((seat) => seat.fitness === fitness);
  if (all('paused for this caller')) {
    const ms = Math.min(...present.map(({ member }) => member.callerPauses.pausedFor(callerOf(call), now)));
    const details = { retryAfter: Math.ceil(ms / 1_000) };
    return new UpstreamError('RATE_LIMITED', call, reason, { retryAfterMs: ms, details, cause });
  }
  const retryAfterMs = all('paused') ? least(circuitPauses(present, call.route)) : null;
  return new UpstreamError('SERVICE_UNAVAILABLE', call, reason, { retryAfterMs, cause });
};
