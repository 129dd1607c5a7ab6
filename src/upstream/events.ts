import type { Clock } from '../core/clock.ts';
import type { ActiveOverrides } from './operations/active-overrides.ts';
import type { AnswerDifference } from './release/answer-differences.ts';
import type { HandshakeCause } from './tls/handshake-failure.ts';

export type CircuitState = 'closed' | 'open' | 'half-open';

/** An event of a layer, for operators. Never contains contents of calls or identities of callers. */
export type UpstreamEvent =
  | {
      readonly is: 'attempt';
      readonly route: string;
      readonly address: string;
      readonly outcome: string;
      /** True if it counts against the endpoint. */
      readonly failed: boolean;
      readonly ms: number;
    }
  /** A route has chosen the subset of a call, or the balancer the fallback of it. */
  | { readonly is: 'routed'; readonly route: string; readonly subset: string; readonly isFallback?: true }
  /** A canary received another weight: 0 if it was stopped. */
  | {
      readonly is: 'canary';
      readonly subset: string;
      readonly to: 'stopped' | 'advanced' | 'completed';
      readonly reason: string;
    }
  /** A read was also sent to another subset. `differences` contains no values; a sample of them is logged. */
  | {
      readonly is: 'shadow';
      readonly route: string;
      readonly subset: string;
      readonly outcome: 'equal' | 'different' | 'failed';
      readonly differences: readonly AnswerDifference[];
      readonly isSampled: boolean;
    }
  | { readonly is: 'retry'; readonly route: string; readonly reason: string }
  | { readonly is: 'hedge'; readonly route: string; readonly won: boolean }
  /** A call was refused without being sent. */
  | {
      readonly is: 'refusal';
      readonly route: string;
      readonly reason: 'no-endpoint' | 'pending' | 'deadline' | 'budget' | 'throttled' | 'quota';
    }
  /** Calls are refused because the backend rejects most of them, or this has ended. */
  | { readonly is: 'throttle'; readonly to: 'started' | 'ended'; readonly reason: string }
  /**
   * The upstream has rejected the gateway's own credentials with this status. Reported once a minute for each status.
   */
  | { readonly is: 'denied'; readonly route: string; readonly status: string }
  /** A TLS handshake has failed. Reported once a minute for each address and cause. */
  | { readonly is: 'handshake'; readonly address: string; readonly cause: HandshakeCause; readonly reason: string }
  /** Certificates of files are used or cannot be used, or a certificate expires. `place`: path of a file, or an address. */
  | {
      readonly is: 'certificate';
      readonly to: 'reloaded' | 'invalid' | 'expires-soon' | 'expired' | 'not-yet-valid';
      readonly use: 'file' | 'client' | 'ca' | 'server';
      readonly place: string;
      readonly reason: string;
    }
  /** A request for an access token has failed, or the first one after failures has not. */
  | { readonly is: 'token'; readonly outcome: 'failed' | 'recovered'; readonly reason: string }
  /** The function `errors` of the upstream has this fault. Reported once for each fault. */
  | { readonly is: 'mapping'; readonly route: string; readonly fault: string }
  | {
      readonly is: 'circuit';
      readonly address: string;
      /** Null if all routes share one circuit. */
      readonly route: string | null;
      readonly to: CircuitState;
      readonly reason: string;
    }
  | {
      readonly is: 'endpoint';
      readonly address: string;
      readonly to: 'added' | 'draining' | 'removed' | 'up' | 'down';
      readonly reason: string;
    }
  | {
      readonly is: 'discovery';
      readonly source: string;
      readonly outcome: 'changed' | 'recovered' | 'failed';
      readonly reason: string;
    };

/** Called synchronously for every event of one upstream: must be quick, and must not throw. */
export type Report = (event: UpstreamEvent) => void;

/** Dependencies of every layer of a stack. */
export interface LayerDependencies {
  readonly clock: Clock;
  /** Returns a number of at least 0 and less than 1. */
  readonly random: () => number;
  readonly report: Report;
  readonly overrides: ActiveOverrides;
}
