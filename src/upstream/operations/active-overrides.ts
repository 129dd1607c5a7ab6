/** Overrides of one upstream, evaluated by layers at every call. */
export interface ActiveOverrides {
  /** Timeout of one attempt in milliseconds; null without an override. */
  timeoutMs(): number | null;
  /** False while retries are switched off. */
  retries(): boolean;
  /** False while hedging is switched off. */
  hedging(): boolean;
  /** True if this endpoint receives no new calls. */
  drained(address: string): boolean;
  /** State in which the endpoint's circuit is held; null without an override. */
  circuit(address: string): 'open' | 'closed' | null;
}

/** No override. */
export const NO_OVERRIDES: ActiveOverrides = {
  timeoutMs: () => null,
  retries: () => true,
  hedging: () => true,
  drained: () => false,
  circuit: () => null,
};
