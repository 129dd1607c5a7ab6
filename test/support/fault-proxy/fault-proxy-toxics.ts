/**
 * Faults of a connection: the toxics of Shopify's Toxiproxy, by their names
 * (https://github.com/Shopify/toxiproxy#toxics). The eighth, `down`, is a state of the whole proxy.
 */
export type Harm =
  /** Delay of every piece, plus or minus `jitterMs`. */
  | { readonly is: 'latency'; readonly ms: number; readonly jitterMs?: number }
  /** Maximum number of bytes a second. */
  | { readonly is: 'bandwidth'; readonly bytesPerSecond: number }
  /** Delay of the connection's end. */
  | { readonly is: 'slow_close'; readonly ms: number }
  /** Nothing passes, and the connection is closed after this time; 0: never. */
  | { readonly is: 'timeout'; readonly ms: number }
  /** The next piece is dropped and the connection is reset on both sides after this time. */
  | { readonly is: 'reset_peer'; readonly ms?: number }
  /** Pieces of about this size, `variation` bytes more or less, with a pause after each. */
  | { readonly is: 'slicer'; readonly averageBytes: number; readonly variation?: number; readonly pauseMs?: number }
  /** The connection is closed after this many bytes in this direction. */
  | { readonly is: 'limit_data'; readonly bytes: number };

export type Toxic = Harm & {
  /** `downstream` is from the server, `upstream` from the client. Default `downstream`. */
  readonly stream?: 'downstream' | 'upstream';
  /** Share of affected connections, from 0 to 1. Default 1. */
  readonly toxicity?: number;
};

/** Effect of the faults on one piece. */
export interface Passage {
  /** Delay in milliseconds. */
  readonly delayMs: number;
  /** Pause between this piece and the next for each byte, in milliseconds. */
  readonly msPerByte: number;
  readonly slices: { readonly averageBytes: number; readonly variation: number; readonly pauseMs: number } | null;
  /** Number of bytes that the connection may still pass on; infinite without a limit. */
  readonly limitBytes: number;
  /** End of the connection; null if the piece passes. */
  readonly stop: { readonly by: 'closing' | 'resetting' | 'nothing'; readonly afterMs: number } | null;
  readonly closeAfterMs: number;
}

const UNHARMED: Passage = {
  delayMs: 0,
  msPerByte: 0,
  slices: null,
  limitBytes: Number.POSITIVE_INFINITY,
  stop: null,
  closeAfterMs: 0,
};

const harmed = (passage: Passage, harm: Harm, random: () => number): Passage => {
  switch (harm.is) {
    case 'latency': {
      const jitterMs = (harm.jitterMs ?? 0) * (2 * random() - 1);
      return { ...passage, delayMs: passage.delayMs + Math.max(0, harm.ms + jitterMs) };
    }
    case 'bandwidth':
      return { ...passage, msPerByte: Math.max(passage.msPerByte, 1_000 / harm.bytesPerSecond) };
    case 'slow_close':
      return { ...passage, closeAfterMs: Math.max(passage.closeAfterMs, harm.ms) };
    case 'timeout':
      return { ...passage, stop: { by: harm.ms === 0 ? 'nothing' : 'closing', afterMs: harm.ms } };
    case 'reset_peer':
      return { ...passage, stop: { by: 'resetting', afterMs: harm.ms ?? 0 } };
    case 'slicer': {
      const { averageBytes, variation = 0, pauseMs = 0 } = harm;
      return { ...passage, slices: { averageBytes, variation, pauseMs } };
    }
    case 'limit_data':
      return { ...passage, limitBytes: Math.min(passage.limitBytes, harm.bytes) };
    default:
      return harm satisfies never;
  }
};

/** Combines faults into their effect on one piece. */
export const passageThrough = (harms: readonly Harm[], random: () => number): Passage =>
  harms.reduce((passage, harm) => harmed(passage, harm, random), UNHARMED);
