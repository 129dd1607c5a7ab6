import { UpstreamError } from '../../errors.ts';
import type { Call } from '../call.ts';
import { NoEndpointError } from '../not-processed.ts';
import type { Level, Seat } from './seat.ts';

const conditionOf = ({ fitness, member }: Seat): string =>
  member.inFlight >= member.endpoint.max && (fitness === 'fit' || fitness === 'due' || fitness === 'spared')
    ? 'full'
    : fitness;

const described = (seats: readonly Seat[]): string => {
  const counts = new Map<string, number>();
  for (const seat of seats) counts.set(conditionOf(seat), (counts.get(conditionOf(seat)) ?? 0) + 1);
  return counts.size === 0 ? 'none is known' : [...counts].map(([what, count]) => `${count} ${what}`).join(', ');
};

/** When the first of them will take calls again, in milliseconds; null unless all of them asked for a pause. */
const pauseOf = (seats: readonly Seat[], route: string): number | null => {
  if (seats.length === 0 || seats.some(({ fitness }) => fitness !== 'paused')) return null;
  const pauses = seats.flatMap(({ member }) =>
    member.circuits.snapshot().flatMap((circuit) => {
      const concerned = circuit.route === null || circuit.route === route;
      return concerned && circuit.opensForMs !== null ? [circuit.opensForMs] : [];
    }),
  );
  return pauses.length === 0 ? null : Math.min(...pauses);
};

/** For a call that no endpoint can take now. Says how many of them are what. */
export const refusalOf = (levels: readonly Level[], call: Call): UpstreamError => {
  const seats = levels.flatMap((level) => level.seats);
  return new UpstreamError('SERVICE_UNAVAILABLE', call, `no endpoint: ${described(seats)}`, {
    retryAfterMs: pauseOf(
      seats.filter(({ fitness }) => fitness !== 'drained'),
      call.route,
    ),
    cause: new NoEndpointError('nothing was sent'),
  });
};
