import type { Clock } from '../clock.ts';
import type { Steering } from './steering.ts';

export type CircuitState = 'closed' | 'open' | 'half-open';

/** What a layer has done that an operator would want to know. Never what was asked, or by whom. */
export type UpstreamEvent =
  | {
      readonly is: 'attempt';
      readonly route: string;
      readonly address: string;
      readonly outcome: string;
      /** Whether it counts against the endpoint. */
      readonly failed: boolean;
      readonly ms: number;
    }
  | { readonly is: 'retry'; readonly route: string; readonly because: string }
  | { readonly is: 'hedge'; readonly route: string; readonly won: boolean }
  /** A call was refused without being sent. */
  | { readonly is: 'refusal'; readonly route: string; readonly because: 'no-endpoint' | 'pending' | 'budget' }
  /** The upstream has refused the gateway's own credentials, with this status. Reported once a minute for each status. */
  | { readonly is: 'denied'; readonly route: string; readonly status: string }
  | {
      readonly is: 'circuit';
      readonly address: string;
      /** Null where the endpoint has one circuit for all routes. */
      readonly route: string | null;
      readonly to: CircuitState;
      readonly because: string;
    }
  | {
      readonly is: 'endpoint';
      readonly address: string;
      readonly to: 'added' | 'draining' | 'removed' | 'up' | 'down';
      readonly because: string;
    }
  | {
      readonly is: 'discovery';
      readonly source: string;
      readonly outcome: 'changed' | 'recovered' | 'failed';
      readonly because: string;
    };

/** Called for every event of one upstream, while it happens: must be quick, and must not throw. */
export type Report = (event: UpstreamEvent) => void;

/** What every layer of one upstream's stack is given beside its settings. */
export interface Tools {
  readonly clock: Clock;
  /** At least 0, less than 1. */
  readonly random: () => number;
  readonly report: Report;
  readonly steering: Steering;
}
