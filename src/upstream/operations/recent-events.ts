import type { Clock } from '../../core/clock.ts';
import type { Report, UpstreamEvent } from '../events.ts';

/** A change for operators, and its age. */
export type RecentEvent = UpstreamEvent & { readonly msAgo: number };

/** Number of changes since the start of the process. */
export interface EventCounts {
  readonly attempts: number;
  readonly failedAttempts: number;
  readonly retries: number;
  readonly hedges: number;
  readonly refusals: number;
}

const MAX_EVENTS = 50;

/** Keeps the latest changes of one upstream, and counts the rest. */
export class Recent {
  readonly #clock: Clock;
  readonly #events: { readonly at: number; readonly event: UpstreamEvent }[] = [];
  #attempts = 0;
  #failedAttempts = 0;
  #retries = 0;
  #hedges = 0;
  #refusals = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly report: Report = (event) => {
    switch (event.is) {
      case 'attempt':
        this.#attempts += 1;
        if (event.failed) this.#failedAttempts += 1;
        return;
      case 'retry':
        this.#retries += 1;
        return;
      case 'hedge':
        this.#hedges += 1;
        return;
      case 'refusal':
        this.#refusals += 1;
        return;
      case 'routed':
        return;
      case 'shadow':
        if (event.isSampled) this.#keep(event);
        return;
      case 'canary':
      case 'throttle':
      case 'denied':
      case 'mapping':
      case 'token':
      case 'handshake':
      case 'certificate':
      case 'discovery':
      case 'circuit':
      case 'endpoint':
        this.#keep(event);
        return;
      default:
        return event satisfies never;
    }
  };

  /** The latest first. */
  events(): readonly RecentEvent[] {
    const now = this.#clock.now();
    return this.#events.map(({ at, event }) => ({ ...event, msAgo: Math.round(now - at) })).toReversed();
  }

  tally(): EventCounts {
    return {
      attempts: this.#attempts,
      failedAttempts: this.#failedAttempts,
      retries: this.#retries,
      hedges: this.#hedges,
      refusals: this.#refusals,
    };
  }

  #keep(event: UpstreamEvent): void {
    this.#events.push({ at: this.#clock.now(), event });
    if (this.#events.length > MAX_EVENTS) this.#events.shift();
  }
}
