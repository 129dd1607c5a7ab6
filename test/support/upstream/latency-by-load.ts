const RECENT = 16;
const MAX_LOAD = 255;

/**
 * The latency that a server reports to probes: the median of its recent calls that arrived at about the present number
 * of calls in flight (Prequal).
 */
export class LatencyByLoad {
  readonly #recent: number[][] = [];

  add(load: number, ms: number): void {
    const at = Math.min(load, MAX_LOAD);
    const all = this.#recent[at] ?? [];
    this.#recent[at] = all;
    all.push(ms);
    if (all.length > RECENT) all.shift();
  }

  /** 0 before the first call. */
  at(load: number): number {
    for (let distance = 0; distance <= MAX_LOAD; distance++)
      for (const index of [load - distance, load + distance]) {
        const recent = this.#recent[index];
        if (recent !== undefined && recent.length > 0)
          return recent.toSorted((one, other) => one - other)[Math.floor(recent.length / 2)] ?? 0;
      }
    return 0;
  }
}
