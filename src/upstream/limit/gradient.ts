import type { AdaptiveSettings } from '../traffic.ts';

/** Finds how many calls an upstream takes at one time without becoming slower. */
export interface GradientLimit {
  /** A whole number, from `minConcurrency` to `maxConcurrency`. */
  limit(): number;
  /** Takes in how long a call took, and how many were under way when its answer came, itself included. */
  answered(ms: number, inFlight: number, now: number): void;
  /** Takes in a call that was not answered in time, or that the upstream asked to have fewer of. */
  dropped(now: number): void;
}

export interface GradientOptions extends AdaptiveSettings {
  /** At least 0, less than 1. */
  readonly random: () => number;
  /** Where it begins. Default 20. */
  readonly start?: number;
}

/** Netflix's `initialLimit`. */
const START = 20;
/** A window is over after this time and this many answers; at the latest after that many. */
const WINDOW_MS = 100;
const LEAST_ANSWERS = 10;
const MOST_ANSWERS = 250;
/** Envoy's `min_rtt_calc_params`: from 50 requests, every 60 seconds, up to 15 % later. */
const REFERENCE_ANSWERS = 50;
const REFERENCE_INTERVAL_MS = 60_000;
const REFERENCE_JITTER = 0.15;
/** How much sooner the next one comes after one that found less than before: there may be still less to find. */
const SOONER = 10;
/** How much slower than the reference is still as good. Envoy's `buffer` is 25 %: with it half as many again would queue. */
const BUFFER = 0.15;
/** Envoy's. */
const LEAST_GRADIENT = 0.5;
const MOST_GRADIENT = 2;
/** So many windows in a row below this gradient: fewer calls at one time did not help, so the reference is out of date. */
const SLOW_GRADIENT = 0.7;
const SLOW_WINDOWS = 20;
/** Gradient2's: a fifth of the way at each step. */
const SMOOTHING = 0.2;
/** Netflix's AIMD: a tenth less after a drop, once in a window. */
const BACKOFF = 0.9;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;

/**
 * After Envoy's gradient controller: the limit follows `limit * gradient + sqrt(limit)`, where the gradient is the latency
 * without a queue (the reference) over the median latency of the last window. It rises only while at least half of it is used.
 *
 * Unlike Envoy's it does not go down to `minConcurrency` to find the reference, which would hold nearly all calls up, but to half
 * of the limit, again and again while that finds less. A drop lowers it by a tenth.
 */
class Gradient implements GradientLimit {
  readonly #options: GradientOptions;
  #limit: number;
  /** Infinite until it was measured for the first time. */
  #referenceMs = Number.POSITIVE_INFINITY;
  /** When the reference is measured next; null while it is. */
  #measureAt: number | null = null;
  /** Since when no more calls are under way than the reference allows; null while it is not so, or not measured. */
  #quietSince: number | null = null;
  #windowFrom: number;
  #slowWindows = 0;
  #droppedAt = Number.NEGATIVE_INFINITY;
  #mostInFlight = 0;
  /** Of the window, or of the reference, in milliseconds. */
  #samples: number[] = [];

  constructor(options: GradientOptions, now: number) {
    this.#options = options;
    this.#limit = this.#clamped(options.start ?? START);
    this.#windowFrom = now;
  }

  limit(): number {
    return Math.floor(this.#measureAt === null ? this.#clamped(this.#limit / 2) : this.#limit);
  }

  answered(ms: number, inFlight: number, now: number): void {
    if (this.#measureAt === null) this.#measure(ms, inFlight, now);
    else if (now >= this.#measureAt) this.#remeasure();
    else this.#sample(ms, inFlight, now);
  }

  dropped(now: number): void {
    if (now - this.#droppedAt < WINDOW_MS) return;
    this.#droppedAt = now;
    this.#limit = this.#clamped(this.#limit * BACKOFF);
  }

  #remeasure(): void {
    this.#measureAt = null;
    this.#quietSince = null;
    this.#samples = [];
  }

  #measure(ms: number, inFlight: number, now: number): void {
    if (this.#quietSince === null) {
      if (inFlight <= this.limit()) this.#quietSince = now;
      return;
    }
    // What began before then was slowed down by more calls than these.
    if (now - ms < this.#quietSince) return;
    this.#samples.push(ms);
    if (this.#samples.length < REFERENCE_ANSWERS) return;
    const referenceMs = median(this.#samples);
    const fell = referenceMs * (1 + BUFFER) < this.#referenceMs;
    this.#referenceMs = referenceMs;
    const interval = fell ? REFERENCE_INTERVAL_MS / SOONER : REFERENCE_INTERVAL_MS;
    this.#measureAt = now + interval * (1 + REFERENCE_JITTER * this.#options.random());
    this.#slowWindows = 0;
    this.#open(now);
  }

  #sample(ms: number, inFlight: number, now: number): void {
    this.#samples.push(ms);
    this.#mostInFlight = Math.max(this.#mostInFlight, inFlight);
    const isOver = now - this.#windowFrom >= WINDOW_MS && this.#samples.length >= LEAST_ANSWERS;
    if (!isOver && this.#samples.length < MOST_ANSWERS) return;
    this.#step();
    this.#open(now);
    if (this.#slowWindows >= SLOW_WINDOWS) this.#remeasure();
  }

  #step(): void {
    const ratio = ((1 + BUFFER) * this.#referenceMs) / Math.max(median(this.#samples), Number.MIN_VALUE);
    const gradient = Math.min(Math.max(ratio, LEAST_GRADIENT), MOST_GRADIENT);
    this.#slowWindows = gradient < SLOW_GRADIENT ? this.#slowWindows + 1 : 0;
    const wanted = this.#limit * gradient + Math.sqrt(this.#limit);
    const isUsed = this.#mostInFlight >= this.#limit / 2;
    const hasDropped = this.#droppedAt >= this.#windowFrom;
    if (wanted > this.#limit && (!isUsed || hasDropped)) return;
    this.#limit = this.#clamped(this.#limit + SMOOTHING * (wanted - this.#limit));
  }

  #open(now: number): void {
    this.#windowFrom = now;
    this.#mostInFlight = 0;
    this.#samples = [];
  }

  #clamped(limit: number): number {
    return Math.min(Math.max(limit, this.#options.minConcurrency), this.#options.maxConcurrency);
  }
}

export const gradientLimit = (options: GradientOptions, now: number): GradientLimit => new Gradient(options, now);
