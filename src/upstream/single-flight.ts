import type { Clock } from '../clock.ts';
import type { Answer, Call, Layer, Send } from './call.ts';

/** One attempt in progress, and those who wait for it. */
interface Flight {
  readonly answer: Promise<Answer>;
  readonly controller: AbortController;
  /** That of the call it was started for. */
  readonly deadline: number;
  waiting: number;
}

/** Different for each request, and of no meaning for what is answered. */
const NOT_TOLD_APART: ReadonlySet<string> = new Set(['x-request-id', 'traceparent', 'tracestate']);

/** What two calls have in common that may share an answer; null for a call that may share with nobody. */
const flightKey = ({ upstream, route, principalKey, headers, message }: Call): string | null => {
  const reads = message.protocol === 'rest' ? message.method === 'GET' && message.body === null : message.safe === true;
  if (!reads) return null;
  const sent = Object.entries(headers).filter(([name]) => !NOT_TOLD_APART.has(name));
  sent.sort(([one], [other]) => (one < other ? -1 : 1));
  // As JSON, so that no part can reach into its neighbour.
  const head = JSON.stringify([principalKey, upstream, route, sent]);
  if (message.protocol === 'rest') return `${head} ${message.target}`;
  const { buffer, byteOffset, byteLength } = message.request;
  return `${head} ${message.path} ${Buffer.from(buffer, byteOffset, byteLength).toString('latin1')}`;
};

/** A copy of plain data: one request must not see what another does to its own. */
const copied = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(copied);
  if (value instanceof Uint8Array) return value.slice();
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = Object.create(Object.getPrototypeOf(value));
  for (const [name, part] of Object.entries(value))
    if (name !== '__proto__') copy[name] = copied(part);
    else
      Object.defineProperty(copy, name, { value: copied(part), enumerable: true, writable: true, configurable: true });
  return copy;
};

/** Waits for a flight as long as the waiter itself may and likes to. */
const wait = (flight: Flight, call: Call, take: (answer: Answer) => Answer): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const leave = () => {
      reject(call.signal.reason);
      flight.waiting -= 1;
      if (flight.waiting === 0) flight.controller.abort(call.signal.reason);
    };
    flight.waiting += 1;
    call.signal.addEventListener('abort', leave, { once: true });
    // Taken in the first reaction to the answer: all who wait have theirs before any of them goes on.
    flight.answer
      .then(take)
      .then(resolve, reject)
      .finally(() => call.signal.removeEventListener('abort', leave));
  });

/**
 * Lets identical reads that one principal has in flight at the same time share one.
 *
 * Identical are calls of one upstream with the same principal, route, target or message, and headers other than those of
 * the request's id and trace. The shared call has a signal of its own, aborted once nobody waits any more, and the deadline
 * of whoever started it, so that the backend is told no longer time than somebody has. Every waiter has its own around this
 * layer, and leaves at it; one whose own is later than that of a flight that ran out of time starts another. Any other
 * failure fails everybody who waits; nothing is kept, so whoever comes next starts anew.
 */
export const singleFlight =
  (clock: Clock): Layer =>
  (next: Send) => {
    const flights = new Map<string, Flight>();

    const start = (key: string, call: Call): Flight => {
      const controller = new AbortController();
      const answer = next({ ...call, signal: controller.signal });
      const flight: Flight = { answer, controller, deadline: call.deadline, waiting: 0 };
      // Settled or about to be aborted: nobody may join any more.
      const over = () => {
        if (flights.get(key) === flight) flights.delete(key);
      };
      controller.signal.addEventListener('abort', over, { once: true });
      answer.then(over, over);
      flights.set(key, flight);
      return flight;
    };

    const send: Send = async (call) => {
      const key = flightKey(call);
      if (key === null) return next(call);
      call.signal.throwIfAborted();
      const shared = flights.get(key);
      if (shared === undefined) return wait(start(key, call), call, (answer) => answer);
      try {
        return await wait(shared, call, (answer) => ({ ...answer, value: copied(answer.value) }));
      } catch (error) {
        const ranOut = shared.deadline < call.deadline && clock.now() >= shared.deadline;
        if (!ranOut || call.signal.aborted) throw error;
        return send(call);
      }
    };
    return send;
  };
