import type { Clock } from '../../core/clock.ts';
import type { Answer, Call, Layer, Send } from '../call.ts';
import { Flight } from './flight.ts';

/** Headers that differ for each request and do not change the answer. */
const IGNORED_HEADERS: ReadonlySet<string> = new Set(['x-request-id', 'traceparent', 'tracestate']);

const mayShare = ({ message }: Call): boolean =>
  message.protocol === 'rest'
    ? message.method === 'GET' && message.body === null
    : message.safe === true && message.streaming !== true;

/** Key of a flight. Calls with equal keys have the same answer. */
const keyOf = ({ upstream, principalKey, route, headers, message }: Call): string => {
  const named = Object.entries(headers).filter(([name]) => !IGNORED_HEADERS.has(name));
  const sent =
    message.protocol === 'rest' ? message.target : `${message.path} ${Buffer.from(message.request).toString('latin1')}`;
  return JSON.stringify([upstream, principalKey, route, named.toSorted(), sent]);
};

/**
 * Shares one call between identical reads of one principal that are in flight at the same time.
 *
 * Identical calls have the same upstream, principal, route, target or message, and headers, except for the headers of
 * request id and trace. The shared call has its own signal, aborted with the last waiter, and the deadline of the first
 * waiter. Every waiter keeps its own deadline around this layer. A waiter with a later deadline than a flight that
 * timed out starts another flight. Any other failure rejects every waiter. Nothing is kept: the next call starts a new
 * flight.
 */
export const singleFlight =
  (clock: Clock): Layer =>
  (next: Send) => {
    const flights = new Map<string, Flight>();
    // A flight that was aborted ends again with its call, and the key may have another flight by then.
    const remove = (flight: Flight) => {
      if (flights.get(flight.key) === flight) flights.delete(flight.key);
    };

    const join = async (flight: Flight, call: Call): Promise<Answer> => {
      const { deadline } = flight;
      try {
        return await flight.join(call);
      } catch (error) {
        const ranOut = deadline < call.deadline && clock.now() >= deadline;
        if (!ranOut || call.signal.aborted) throw error;
        return send(call);
      }
    };

    const send: Send = (call) => {
      if (!mayShare(call)) return next(call);
      if (call.signal.aborted) return Promise.reject(call.signal.reason);
      const key = keyOf(call);
      const shared = flights.get(key);
      if (shared !== undefined) return join(shared, call);
      const flight = new Flight(call, key, remove);
      flights.set(key, flight);
      const answer = flight.join(call);
      void flight.start(next);
      return answer;
    };
    return send;
  };
