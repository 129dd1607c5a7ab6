import type { Clock, Timer } from '../../core/clock.ts';
import type { InjectedFault } from '../faults/fault-options.ts';
import type { RouteSettings, Weights } from '../routing/route-options.ts';
import type { ActiveOverrides } from './active-overrides.ts';

/** A temporary decision of an operator. */
export interface Override {
  /** `<module>.<upstream>` */
  readonly upstream: string;
  /** Address of one endpoint, as `/status` shows it. Absent: the whole upstream. */
  readonly endpoint?: string | undefined;
  readonly action: OverrideAction;
  readonly reason: string;
  /** Duration in milliseconds, from now. */
  readonly expiresInMs: number;
}

export type OverrideAction =
  /** The endpoint receives no new calls. */
  | { readonly is: 'drain' }
  | { readonly is: 'circuit'; readonly state: 'open' | 'closed' }
  /** Timeout of one attempt in milliseconds. */
  | { readonly is: 'timeout'; readonly ms: number }
  /** Weights of the last route. */
  | { readonly is: 'weights'; readonly weights: Weights }
  /** Routes before those of the module. */
  | { readonly is: 'routes'; readonly routes: readonly RouteSettings[] }
  | { readonly is: 'faults'; readonly faults: readonly InjectedFault[] }
  | { readonly is: 'retries'; readonly on: false }
  | { readonly is: 'hedging'; readonly on: false };

interface Kept {
  readonly override: Override;
  /** End, on the clock's scale. */
  readonly until: number;
}

const NONE: readonly Kept[] = [];

const concerns = ({ override }: Kept, address: string): boolean =>
  override.endpoint === undefined || override.endpoint === address;

/**
 * The overrides in force, in this process only, each until it expires. Permanent settings belong into the
 * configuration.
 */
export class Overrides {
  readonly #clock: Clock;
  readonly #onExpired: (override: Override) => void;
  #timers: readonly Timer[] = [];
  #byUpstream: ReadonlyMap<string, readonly Kept[]> = new Map();

  /** `onExpired` is called for each override that expires. */
  constructor(clock: Clock, onExpired: (override: Override) => void = () => {}) {
    this.#clock = clock;
    this.#onExpired = onExpired;
  }

  /** Replaces all overrides. */
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

  /** Overrides in force, with their remaining time. */
  list(upstream?: string): readonly Override[] {
    const now = this.#clock.now();
    const kept = upstream === undefined ? [...this.#byUpstream.values()].flat() : this.#byUpstream.get(upstream);
    return (kept ?? NONE).flatMap(({ override, until }) =>
      until > now ? [{ ...override, expiresInMs: Math.ceil(until - now) }] : [],
    );
  }

  /** Effect on one upstream, evaluated at every call. */
  activeFor(upstream: string): ActiveOverrides {
    const holding = (action: OverrideAction['is']): Kept | undefined => {
      const kept = this.#byUpstream.get(upstream);
      // The usual case, at every call: no override.
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
      weights: () => {
        const action = holding('weights')?.override.action;
        return action?.is === 'weights' ? action.weights : null;
      },
      routes: () => {
        const action = holding('routes')?.override.action;
        return action?.is === 'routes' ? action.routes : null;
      },
      faults: () => {
        const action = holding('faults')?.override.action;
        return action?.is === 'faults' ? action.faults : null;
      },
      drained: (address) => at('drain', address) !== undefined,
      circuit: (address) => {
        const action = at('circuit', address);
        return action?.is === 'circuit' ? action.state : null;
      },
    };
  }
}
