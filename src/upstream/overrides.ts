import type { Clock, Timer } from '../clock.ts';
import type { Steering } from './steering.ts';

/** One thing that an operator has decided, for as long as it is to hold. */
export interface Override {
  /** `<module>.<upstream>` */
  readonly upstream: string;
  /** The address of one endpoint, as `/status` shows it. Absent: the whole upstream. */
  readonly endpoint?: string | undefined;
  readonly action: OverrideAction;
  readonly reason: string;
  /** From now, in milliseconds. */
  readonly expiresInMs: number;
}

export type OverrideAction =
  /** No new calls to the endpoint. */
  | { readonly is: 'drain' }
  | { readonly is: 'circuit'; readonly state: 'open' | 'closed' }
  /** Of one attempt. */
  | { readonly is: 'timeout'; readonly ms: number }
  | { readonly is: 'retries'; readonly on: false }
  | { readonly is: 'hedging'; readonly on: false };

interface Kept {
  readonly override: Override;
  /** On the clock's scale. */
  readonly until: number;
}

const NONE: readonly Kept[] = [];

const concerns = ({ override }: Kept, address: string): boolean =>
  override.endpoint === undefined || override.endpoint === address;

/**
 * What operators have decided for the time being. In this process only, and only until each has expired: whatever is to
 * last belongs into the configuration.
 */
export class Overrides {
  readonly #clock: Clock;
  readonly #onExpired: (override: Override) => void;
  #timers: readonly Timer[] = [];
  #byUpstream: ReadonlyMap<string, readonly Kept[]> = new Map();

  /** `onExpired` is told of each that ends by itself. */
  constructor(clock: Clock, onExpired: (override: Override) => void = () => {}) {
    this.#clock = clock;
    this.#onExpired = onExpired;
  }

  /** Puts these in the place of all that were there. */
  replace(overrides: readonly Override[]): void {
    const now = this.#clock.now();
    const byUpstream = new Map<string, readonly Kept[]>();
    for (const override of overrides) {
      const kept = { override, until: now + override.expiresInMs };
      byUpstream.set(override.upstream, [...(byUpstream.get(override.upstream) ?? NONE), kept]);
    }
    this.#byUpstream = byUpstream;
    for (const timer of this.#timers) timer.cancel();
    this.#timers = overrides.map((override) =>
      this.#clock.after(override.expiresInMs, () => this.#onExpired(override)),
    );
  }

  /** Those that still hold, with the time that is left to them. */
  list(upstream?: string): readonly Override[] {
    const now = this.#clock.now();
    const kept = upstream === undefined ? [...this.#byUpstream.values()].flat() : this.#byUpstream.get(upstream);
    return (kept ?? NONE).flatMap(({ override, until }) =>
      until > now ? [{ ...override, expiresInMs: Math.ceil(until - now) }] : [],
    );
  }

  /** What they mean for one upstream, at every moment anew. */
  steering(upstream: string): Steering {
    const holding = (action: OverrideAction['is']): Kept | undefined => {
      const kept = this.#byUpstream.get(upstream);
      // The usual case, met at every call: nobody has decided anything.
      if (kept === undefined) return undefined;
      const now = this.#clock.now();
      return kept.find(({ override, until }) => override.action.is === action && until > now);
    };
    const at = (action: OverrideAction['is'], address: string): OverrideAction | undefined => {
      const kept = this.#byUpstream.get(upstream);
      if (kept === undefined) return undefined;
      const now = this.#clock.now();
      return kept.find((one) => one.override.action.is === action && one.until > now && concerns(one, address))
        ?.override.action;
    };
    return {
      timeoutMs: () => {
        const action = holding('timeout')?.override.action;
        return action?.is === 'timeout' ? action.ms : null;
      },
      retries: () => holding('retries') === undefined,
      hedging: () => holding('hedging') === undefined,
      drained: (address) => at('drain', address) !== undefined,
      circuit: (address) => {
        const action = at('circuit', address);
        return action?.is === 'circuit' ? action.state : null;
      },
    };
  }
}
