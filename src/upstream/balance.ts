import { UpstreamError } from '../errors.ts';
import type { Layer } from './call.ts';
import type { Endpoint } from './endpoint.ts';

interface Seat {
  readonly endpoint: Endpoint;
  inFlight: number;
  /** What smooth weighted round robin counts up and down. */
  credit: number;
}

/**
 * Takes the next seat in turn, each as often as its weight says and spread evenly (nginx's smooth weighted round robin:
 * everybody earns its weight, the richest is chosen and pays the sum).
 */
const nextInTurn = (seats: readonly Seat[]): Seat | null => {
  let total = 0;
  let chosen: Seat | null = null;
  for (const seat of seats) {
    if (seat.inFlight >= seat.endpoint.max) continue;
    total += seat.endpoint.weight;
    seat.credit += seat.endpoint.weight;
    if (chosen === null || seat.credit > chosen.credit) chosen = seat;
  }
  if (chosen !== null) chosen.credit -= total;
  return chosen;
};

/** Sends each call to the next endpoint in turn, by weight. With every endpoint at its `max` a call is refused at once. */
export const balance = (endpoints: readonly Endpoint[]): Layer => {
  const seats = endpoints.map((endpoint): Seat => ({ endpoint, inFlight: 0, credit: 0 }));
  return (next) => async (call) => {
    const seat = nextInTurn(seats);
    if (seat === null) throw new UpstreamError('SERVICE_UNAVAILABLE', call, 'every endpoint has its maximum of calls');
    seat.inFlight += 1;
    try {
      return await next({ ...call, endpoint: seat.endpoint });
    } finally {
      seat.inFlight -= 1;
    }
  };
};
