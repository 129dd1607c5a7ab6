import type { Endpoint } from '../endpoint.ts';

/** Receives what a source finds. */
export interface SourceSink {
  /**
   * Replaces the list of this source. `fault` is the reason for which the list may be incomplete; null for a complete
   * one.
   */
  list(endpoints: readonly Endpoint[], fault?: string | null): void;
  /** The last list is still valid: it was read again unchanged, or is being watched. */
  confirmed(): void;
  /** The source cannot be read at present. Its last list stays in use. */
  failed(error: unknown): void;
}

/** An origin of endpoints that change while the gateway runs. */
export interface EndpointSource {
  /** Its address as configured, without options: `dns+http://orders.internal:8080`. Never with credentials. */
  readonly name: string;
  /**
   * Starts reading. Calls `sink` after the first attempt, within a bounded time, and then after every attempt. Never
   * throws. The returned function ends it; `sink` is not called afterwards.
   */
  watch(sink: SourceSink): () => void;
}
