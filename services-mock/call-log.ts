import { servedTo } from './stamp.ts';

/** One call in the log of the control API. */
export interface LoggedCall {
  readonly method: string;
  readonly route: string;
  /** Request target as received, or gRPC path. */
  readonly path: string;
  /** Requested ids, single or bulk. */
  ids: readonly string[];
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Subject of the token in `authorization`, unverified; null without one. */
  readonly servedTo: string | null;
  /** HTTP or gRPC status of the answer; null before it, and for an answer that was never sent. */
  status: number | null;
  /** True if the client left before the answer was complete. */
  aborted: boolean;
  /** Milliseconds from arrival to the disconnect. */
  abortedAfterMs: number | null;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** A call in progress. Changes appear in the log immediately. */
export interface OpenCall {
  asked(ids: readonly string[]): void;
  answered(status: number): void;
  /** The answer is complete, or was broken off on purpose. A later disconnect is not the client's. */
  finished(): void;
  /** The exchange is over. If it was not finished, the client left. */
  closed(): void;
}

/** Stands in for a call that is not logged, such as a health check. */
export const UNLOGGED: OpenCall = { asked: () => {}, answered: () => {}, finished: () => {}, closed: () => {} };

type Arrival = Pick<LoggedCall, 'method' | 'route' | 'path' | 'ids' | 'headers'>;

const CAPACITY = 50_000;

/** Calls that reached one mock, in order of arrival: the latest `capacity` (50,000). */
export class CallLog {
  readonly #capacity: number;
  #ring: LoggedCall[] = [];
  #oldest = 0;

  constructor(capacity: number = CAPACITY) {
    this.#capacity = capacity;
  }

  /** Logs a call on arrival, so that a hanging call is visible. */
  arrived(arrival: Arrival): OpenCall {
    const subject = servedTo(arrival.headers.authorization);
    const call: LoggedCall = {
      ...arrival,
      servedTo: subject,
      status: null,
      aborted: false,
      abortedAfterMs: null,
      startedAt: Date.now(),
    };
    this.#add(call);
    const start = performance.now();
    let finished = false;
    return {
      asked: (ids) => {
        call.ids = ids;
      },
      answered: (status) => {
        call.status = status;
      },
      finished: () => {
        finished = true;
      },
      closed: () => {
        if (finished) return;
        finished = true;
        call.aborted = true;
        call.abortedAfterMs = Math.round(performance.now() - start);
      },
    };
  }

  calls(): readonly LoggedCall[] {
    return [...this.#ring.slice(this.#oldest), ...this.#ring.slice(0, this.#oldest)];
  }

  clear(): void {
    this.#ring = [];
    this.#oldest = 0;
  }

  #add(call: LoggedCall): void {
    if (this.#ring.length < this.#capacity) {
      this.#ring.push(call);
      return;
    }
    this.#ring[this.#oldest] = call;
    this.#oldest = (this.#oldest + 1) % this.#capacity;
  }
}

/** Headers as one string each. HTTP/2 pseudo headers are left out. */
export const plainHeaders = (headers: Readonly<Record<string, string | readonly string[] | undefined>>) =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || name.startsWith(':') ? [] : [[name, typeof value === 'string' ? value : value.join(', ')]],
    ),
  );
