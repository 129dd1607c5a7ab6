import type { Clock } from '../../core/clock.ts';
import type { Answer, Call, Layer, Send } from '../call.ts';
import { fingerprint } from './fingerprint.ts';
import { Flight } from './flight.ts';

/** Headers that differ for each request and do not change the answer. */
const IGNORED_HEADERS: ReadonlySet<string> = new Set(['x-request-id', 'traceparent', 'tracestate']);

const mayShare = ({ message }: Call): boolean =>
  message.protocol === 'rest'
    ? message.method === 'GET' && message.body === null
    : message.safe === true && message.streaming !== true;

const principalOf = ({ principalKey }: Call): string => principalKey;
const separatesCalls = (header: string): boolean => !IGNORED_HEADERS.has(header);

/** Lookup key of a flight. Equal calls have equal keys; `isSameCall` resolves collisions. */
const keyOf = (call: Call): string | number => {
  const { message } = call;
  return message.protocol === 'rest'
    ? `${principalOf(call)} ${message.target}`
    : fingerprint(principalOf(call), message.request);
};

const haveSameHeaders = ({ headers: one }: Call, { headers: other }: Call): boolean => {
  let more = 0;
  for (const name in one) {
    if (!separatesCalls(name)) continue;
    if (one[name] !== other[name]) return false;
    more += 1;
  }
  for (const name in other) if (separatesCalls(name)) more -= 1;
  return more === 0;
};

const haveSameMessage = ({ message: one }: Call, { message: other }: Call): boolean => {
  if (one.protocol === 'rest') return other.protocol === 'rest' && one.target === other.target;
  return other.protocol === 'grpc' && one.path === other.path && Buffer.compare(one.request, other.request) === 0;
};

/** True if two calls have the same answer. */
const isSameCall = (one: Call, other: Call): boolean =>
  principalOf(one) === principalOf(other) &&
  haveSameHeaders(one, other) &&
  one.upstream === other.upstream &&
  one.route === other.route &&
  haveSameMessage(one, other);

/** Flights in progress, by key. */
class Flights {
  readonly #first = new Map<Flight['key'], Flight>();

  find(key: Flight['key'], call: Call): Flight | undefined {
    let flight = this.#first.get(key);
    while (flight !== undefined && !(flight.call !== null && isSameCall(flight.call, call))) flight = flight.beside;
    return flight;
  }

  add(flight: Flight): void {
    flight.beside = this.#first.get(flight.key);
    this.#first.set(flight.key, flight);
  }

  remove(flight: Flight): void {
    const { key } = flight;
    const first = this.#first.get(key);
    if (first === flight) {
      if (flight.beside === undefined) this.#first.delete(key);
      else this.#first.set(key, flight.beside);
    }
    for (let before = first; before !== undefined; before = before.beside)
      if (before.beside === flight) before.beside = flight.beside;
    flight.beside = undefined;
  }
}

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
    const flights = new Flights();
    const remove = (flight: Flight) => flights.remove(flight);

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
      const shared = flights.find(key, call);
      if (shared !== undefined) return join(shared, call);
      const flight = new Flight(call, key, remove);
      flights.add(flight);
      const answer = flight.join(call);
      void flight.start(next);
      return answer;
    };
    return send;
  };
