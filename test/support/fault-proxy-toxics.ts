/**
 * What can be wrong with a connection: the toxics of Shopify's Toxiproxy, by their names
 * (https://github.com/Shopify/toxiproxy#toxics). The eighth, `down`, is a state of the whole proxy.
 */
export type Harm =
  /** Every piece comes this much later, `jitterMs` more or less. */
  | { readonly is: 'latency'; readonly ms: number; readonly jitterMs?: number }
  /** No more than this many bytes a second. */
  | { readonly is: 'bandwidth'; readonly bytesPerSecond: number }
  /** The end of the connection is passed on this much later. */
  | { readonly is: 'slow_close'; readonly ms: number }
  /** Nothing gets through, and after this time the connection is closed; 0: never. */
  | { readonly is: 'timeout'; readonly ms: number }
  /** The next piece is not passed on: the connection is reset on both sides, this much later. */
  | { readonly is: 'reset_peer'; readonly ms?: number }
  /** Pieces of about this size, `variation` bytes more or less, with a pause after each. */
  | { readonly is: 'slicer'; readonly averageBytes: number; readonly variation?: number; readonly pauseMs?: number }
  /** The connection is closed once it has passed on this many bytes in this direction. */
  | { readonly is: 'limit_data'; readonly bytes: number };

export type Toxic = Harm & {
  /** `downstream` is what the server sends, `upstream` what the client sends. Default `downstream`. */
  readonly stream?: 'downstream' | 'upstream';
  /** The share of connections that it is meant for, from 0 to 1. Default 1. */
  readonly toxicity?: number;
};

/** How one piece gets through. */
export interface Passage {
  /** Later than it came, in milliseconds. */
  readonly delayMs: number;
  /** Between this piece and the next, for each byte, in milliseconds. */
  readonly msPerByte: number;
  readonly slices: { readonly averageBytes: number; readonly variation: number; readonly pauseMs: number } | null;
  /** What the connection may still pass on in all; infinite without a limit. */
  readonly limitBytes: number;
  /** What becomes of the connection instead; null where the piece gets through. */
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

/** What these harms together make of one piece. */
export const passageThrough = (harms: readonly Harm[], random: () => number): Passage =>
  harms.reduce((passage, harm) => harmed(passage, harm, random), UNHARMED);
