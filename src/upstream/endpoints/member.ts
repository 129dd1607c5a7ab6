import { type CallerPauses, callerPauses } from '../circuit/caller-pauses.ts';
import type { Circuits } from '../circuit/circuit.ts';
import type { Endpoint } from './endpoint.ts';
import { addressOf } from './endpoint.ts';
import type { PeakEwma } from './peak-ewma.ts';

/** An endpoint with its state: attempts in flight and past outcomes. */
export interface Member {
  /** Replaced when its weight or other options change; its location stays the same. */
  endpoint: Endpoint;
  /** `addressOf(endpoint)`. */
  readonly address: string;
  /** Number of attempts in flight. */
  inFlight: number;
  readonly latency: PeakEwma;
  readonly circuits: Circuits;
  /** Callers that the endpoint has paused. */
  readonly callerPauses: CallerPauses;
  /** Result of active checks. `up` without checks, and before the first result. */
  checked: 'up' | 'down';
  /** Start of its slow start on the clock's scale; null without one, or once it has ended. */
  warmingSince: number | null;
  /** True if the last attempt found no server: the connection failed or was lost. */
  unreachable: boolean;
  /** No longer in the endpoint list: receives no new calls, and is released after its last one. */
  draining: boolean;
}

/** Creates members. */
export type MemberOf = (endpoint: Endpoint, warmingSince: number | null) => Member;

export const memberWith =
  (latency: () => PeakEwma, circuits: (address: string) => Circuits): MemberOf =>
  (endpoint, warmingSince) => {
    const address = addressOf(endpoint);
    return {
      endpoint,
      address,
      inFlight: 0,
      latency: latency(),
      circuits: circuits(address),
      callerPauses: callerPauses(),
      checked: 'up',
      warmingSince,
      unreachable: false,
      draining: false,
    };
  };
