import type { Clock } from '../../core/clock.ts';
import {
  type Answer,
  type Call,
  copyOf,
  isRead,
  isStreaming,
  type Layer,
  type RestMessage,
  type Send,
} from '../call.ts';

/** Copies plain data, so that one request cannot see another's changes. */
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

/** The value of an answer that several calls share. The last reader receives the value itself, all others copies. */
class SharedValue {
  #value: unknown;
  #left: number;

  constructor(value: unknown, readers: number) {
    this.#value = value;
    this.#left = readers;
  }

  take(): unknown {
    this.#left -= 1;
    if (this.#left > 0) return copied(this.#value);
    const last = this.#value;
    this.#value = undefined;
    return last;
  }
}

/**
 * One call's part of a shared answer, with a value that is copied at its first use.
 *
 * All calls receive their answers in one turn of the event loop. Copies made then would all be in memory before the
 * first of them is counted. Shared answers are never streams, so there is no `ended`.
 */
class AnswerPart implements Answer {
  readonly status: number;
  readonly headers: Answer['headers'];
  readonly size: number;
  readonly plainSize: number | undefined;
  #shared: SharedValue | null;
  #value: unknown;

  constructor({ status, headers, size, plainSize }: Answer, shared: SharedValue) {
    this.status = status;
    this.headers = headers;
    this.size = size;
    this.plainSize = plainSize;
    this.#shared = shared;
  }

  /** @throws RangeError if it is nested too deeply to be copied */
  get value(): unknown {
    const shared = this.#shared;
    this.#shared = null;
    if (shared !== null) this.#value = shared.take();
    return this.#value;
  }
}

interface Waiter {
  readonly signal: AbortSignal;
  readonly leave: () => void;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

const ONCE = { once: true };

/**
 * One shared call in progress and its waiters. A single waiter receives the answer itself, several receive a part each.
 *
 * It drops all references once it is over: V8 keeps outgrown tables of a Map linked to each other until the next full
 * collection, and with them every answer that they reached.
 */
class Flight {
  /** The call that started the flight; null once it is over and nothing can join. */
  call: Call | null;
  /** Deadline of the call that started it. */
  readonly deadline: number;
  /** Key under which it is found. */
  readonly key: string;
  #waiters: Waiter[] = [];
  #waiting = 0;
  #own: AbortController | null = new AbortController();
  readonly #onOver: (flight: Flight) => void;

  /** `onOver` is called once, when the flight has ended or its last waiter has left. */
  constructor(call: Call, key: string, onOver: (flight: Flight) => void) {
    this.call = call;
    this.key = key;
    this.deadline = call.deadline;
    this.#onOver = onOver;
  }

  /** Sends the call. Called once, with the first waiter. Never rejects. */
  async start(next: Send): Promise<void> {
    if (this.call === null || this.#own === null) return;
    const shared = copyOf(this.call);
    shared.signal = this.#own.signal;
    shared.bounded = false;
    try {
      this.#land(await next(shared));
    } catch (error) {
      for (const { reject } of this.#end()) reject(error);
    }
  }

  /** Waits for the shared answer, within the waiter's own deadline and signal. */
  join({ signal }: Call): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        reject(signal.reason);
        this.#waiting -= 1;
        if (this.#waiting === 0) this.#abort(signal.reason);
      };
      this.#waiters.push({ signal, leave, resolve, reject });
      this.#waiting += 1;
      signal.addEventListener('abort', leave, ONCE);
    });
  }

  #abort(reason: unknown): void {
    const own = this.#own;
    this.#end();
    own?.abort(reason);
  }

  #land(answer: Answer): void {
    const waiters = this.#end();
    if (waiters.length === 1) waiters[0]?.resolve(answer);
    else {
      const shared = new SharedValue(answer.value, waiters.length);
      for (const { resolve } of waiters) resolve(new AnswerPart(answer, shared));
    }
  }

  #end(): readonly Waiter[] {
    const waiters = this.#waiters;
    this.call = null;
    this.#own = null;
    this.#waiters = [];
    for (const { signal, leave } of waiters) signal.removeEventListener('abort', leave);
    this.#onOver(this);
    return waiters;
  }
}

/** Headers that differ for each request and do not change the answer. */
const IGNORED_HEADERS: ReadonlySet<string> = new Set(['x-request-id', 'traceparent', 'tracestate']);

const mayShare = (call: Call): boolean => isRead(call) && !isStreaming(call);

const textOf = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('latin1');

/** The body of a read that has one, with its method, which the route does not determine. */
const bodyOf = ({ method, body }: RestMessage): string =>
  body === null ? '' : `${method} ${body instanceof Uint8Array ? textOf(body) : body}`;

/**
 * Key of a flight. Calls with equal keys have the same answer. Names and values of headers contain no line break, and the
 * principal's length shows where its key ends, so that no two calls have the same text by chance.
 */
const keyOf = ({ upstream, principalKey, subject, route, headers, message, subset }: Call): string => {
  let key = `${upstream}\n${route}\n${principalKey.length} ${principalKey}\n`;
  // Its token is added below this layer.
  if (subject !== undefined) key += `@ ${subject.key}\n`;
  if (subset !== undefined) key += `> ${subset.name}\n`;
  for (const name of Object.keys(headers).sort()) if (!IGNORED_HEADERS.has(name)) key += `${name}: ${headers[name]}\n`;
  return message.protocol === 'rest'
    ? `${key}\n${message.as ?? 'json'} ${message.conditional === true} ${message.target} ${bodyOf(message)}`
    : `${key}\n${message.path} ${textOf(message.request)}`;
};

/**
 * Shares one call between identical reads of one principal that are in flight at the same time.
 *
 * Identical calls have the same upstream, subset, principal, subject, route, target or message, and headers, except for the headers of
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
