import type { PeakEwma } from './balance/peak-ewma.ts';
import { type CallerPauses, callerPauses } from './circuit/caller-pauses.ts';
import type { Circuits } from './circuits.ts';
import type { Endpoint } from './endpoint.ts';
import { addressOf } from './endpoint.ts';

/** An endpoint as its upstream knows it: what is under way there, and how it has done so far. */
export interface Member {
  /** Replaced when its weight or other options change; never by another place. */
  endpoint: Endpoint;
  /** `addressOf(endpoint)`. */
  readonly address: string;
  /** Attempts under way. */
  inFlight: number;
  readonly latency: PeakEwma;
  readonly circuits: Circuits;
  /** Callers that it takes no calls from for the time being. */
  readonly callerPauses: CallerPauses;
  /** What active checks say; `up` where there are none, or none has ended yet. */
  checked: 'up' | 'down';
  /** When it began to take calls, or began again; null for one that was there from the start. On the clock's scale. */
  warmingSince: number | null;
  /** Whether nobody was there when it was last asked: no connection, or one that was lost. */
  away: boolean;
  /** No longer among the endpoints: takes no new calls, and is let go when the last one ends. */
  draining: boolean;
}

/** Whatever makes one. */
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
      away: false,
      draining: false,
    };
  };
