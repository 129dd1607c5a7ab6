/** What operators have decided for one upstream, for the time being. Layers ask at every call. */
export interface Steering {
  /** Of one attempt, in milliseconds; null where nothing was decided. */
  timeoutMs(): number | null;
  /** False while retries are switched off. */
  retries(): boolean;
  /** False while hedging is switched off. */
  hedging(): boolean;
  /** Whether this endpoint gets no new calls. */
  drained(address: string): boolean;
  /** What this endpoint's circuit is held at; null where it is left to itself. */
  circuit(address: string): 'open' | 'closed' | null;
}

/** Nobody has decided anything. */
export const UNSTEERED: Steering = {
  timeoutMs: () => null,
  retries: () => true,
  hedging: () => true,
  drained: () => false,
  circuit: () => null,
};
