import type { AdaptiveSettings } from '../options.ts';

/** Finds the number of calls that an upstream serves concurrently without becoming slower. */
export interface GradientLimit {
  /** A whole number from `minConcurrency` to `maxConcurrency`. */
  limit(): number;
  /** Records the latency of an answered call and the number of calls in flight at its answer, this one included. */
  answered(ms: number, inFlight: number, now: number): void;
  /** Records a call that timed out or was throttled. */
  dropped(now: number): void;
}

export interface GradientOptions extends AdaptiveSettings {
  /** At least 0, less than 1. */
  readonly random: () => number;
  /** Initial limit. Default 20. */
  readonly start?: number;
}

/** Netflix's `initialLimit`. */
const START = 20;
/** A window ends after this time and this many answers, at the latest after the larger number of answers. */
const WINDOW_MS = 100;
const MIN_ANSWERS = 10;
const MAX_ANSWERS = 250;
/** Envoy's `min_rtt_calc_params`: from 50 requests, every 60 seconds, up to 15 % later. */
const REFERENCE_ANSWERS = 50;
const REFERENCE_INTERVAL_MS = 60_000;
const REFERENCE_JITTER = 0.15;
/** Factor for the time to the next reference after one that was lower than before: there may be a still lower one. */
const REFERENCE_SPEEDUP = 10;
/**
 * Ratio to the reference below which latency counts as unchanged. Envoy's `buffer` is 25 %; that ratio queued half as
 * many calls again.
 */
const BUFFER = 0.15;
/** Envoy's value. */
const MIN_GRADIENT = 0.5;
const MAX_GRADIENT = 2;
/** Number of windows in a row below this gradient after which the reference is outdated: a lower limit did not help. */
const SLOW_GRADIENT = 0.7;
const SLOW_WINDOWS = 20;
/** Gradient2's smoothing: a fifth of the distance at each step. */
const SMOOTHING = 0.2;
/** Netflix's AIMD: a tenth less after a drop, once a window. */
const BACKOFF = 0.9;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;

/**
 * Envoy's gradient controller: the limit follows `limit * gradient + sqrt(limit)`. The gradient is the latency without
 * a queue (the reference) over the median latency of the last window. The limit rises only while at least half of it is
 * used.
 *
 * Unlike Envoy's, it does not fall to `minConcurrency` to measure the reference, which would delay nearly all calls. It
 * falls to half of the limit, repeatedly while that finds a lower reference. A drop lowers it by a tenth.
 */
class Gradient implements GradientLimit {
  readonly #options: GradientOptions;
  #limit: number;
  /** Infinite before the first measurement. */
  #referenceMs = Number.POSITIVE_INFINITY;
  /** Time of the next measurement of the reference; null during a measurement. */
  #measureAt: number | null = null;
  /**
   * Time since which no more calls are in flight than the measurement allows; null if there are more, or outside of a
   * measurement.
   */
  #quietSince: number | null = null;
  #windowFrom: number;
  #slowWindows = 0;
  #droppedAt = Number.NEGATIVE_INFINITY;
  #mostInFlight = 0;
  /** Latencies of the window, or of the reference, in milliseconds. */
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
    // Calls that began earlier were slowed down by more calls in flight than the reference allows.
    if (now - ms < this.#quietSince) return;
    this.#samples.push(ms);
    if (this.#samples.length < REFERENCE_ANSWERS) return;
    const referenceMs = median(this.#samples);
    const fell = referenceMs * (1 + BUFFER) < this.#referenceMs;
    this.#referenceMs = referenceMs;
    const interval = fell ? REFERENCE_INTERVAL_MS / REFERENCE_SPEEDUP : REFERENCE_INTERVAL_MS;
    this.#measureAt = now + interval * (1 + REFERENCE_JITTER * this.#options.random());
    this.#slowWindows = 0;
    this.#open(now);
  }

  #sample(ms: number, inFlight: number, now: number): void {
    this.#samples.push(ms);
    this.#mostInFlight = Math.max(this.#mostInFlight, inFlight);
    const isOver = now - this.#windowFrom >= WINDOW_MS && this.#samples.length >= MIN_ANSWERS;
    if (!isOver && this.#samples.length < MAX_ANSWERS) return;
    this.#step();
    this.#open(now);
    if (this.#slowWindows >= SLOW_WINDOWS) this.#remeasure();
  }

  #step(): void {
    const ratio = ((1 + BUFFER) * this.#referenceMs) / Math.max(median(this.#samples), Number.MIN_VALUE);
    const gradient = Math.min(Math.max(ratio, MIN_GRADIENT), MAX_GRADIENT);
    this.#slowWindows = gradient < SLOW_GRADIENT ? this.#slowWindows + 1 : 0;
    const target = this.#limit * gradient + Math.sqrt(this.#limit);
    const isUsed = this.#mostInFlight >= this.#limit / 2;
    const hasDropped = this.#droppedAt >= this.#windowFrom;
    if (target > this.#limit && (!isUsed || hasDropped)) return;
    this.#limit = this.#clamped(this.#limit + SMOOTHING * (target - this.#limit));
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
