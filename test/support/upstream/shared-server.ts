import type { Answer } from '../../../src/upstream/call.ts';
import { LatencyByLoad } from './latency-by-load.ts';

interface RunningCall {
  /** Work left, in core-milliseconds. */
  left: number;
  readonly at: number;
  /** Calls in flight at its arrival. */
  readonly load: number;
  readonly resolve: (answer: Answer) => void;
}

/** A simulated server. Its calls share its cores equally. */
export class SharedServer {
  #cores: number;
  #since = 0;
  readonly #calls = new Set<RunningCall>();
  readonly #latencies = new LatencyByLoad();

  constructor(cores: number) {
    this.#cores = cores;
  }

  begin(work: number, now: number): Promise<Answer> {
    this.#work(now);
    return new Promise((resolve) => {
      this.#calls.add({ left: work, at: now, load: this.#calls.size, resolve });
    });
  }

  /** Sets the cores that other programs leave to it. */
  setCores(cores: number, now: number): void {
    this.#work(now);
    this.#cores = cores;
  }

  /** Time at which the next call ends. */
  get due(): number {
    let least = Number.POSITIVE_INFINITY;
    for (const { left } of this.#calls) least = Math.min(least, left);
    return this.#since + Math.max(0, least) / this.#rate();
  }

  /** Answers the calls that have ended. */
  finish(now: number): void {
    this.#work(now);
    for (const call of this.#calls) {
      if (call.left > 1e-9) continue;
      this.#calls.delete(call);
      this.#latencies.add(call.load, now - call.at);
      call.resolve(this.answer());
    }
  }

  /** An answer with the load of the server, for a call or a probe. */
  answer(): Answer {
    const load = this.#calls.size;
    const report = `TEXT named_metrics.rif=${load},named_metrics.latency_ms=${this.#latencies.at(load)}`;
    return { status: 200, headers: { 'endpoint-load-metrics': report }, size: 0, value: undefined };
  }

  #rate(): number {
    return Math.min(1, this.#cores / Math.max(this.#calls.size, 1));
  }

  #work(now: number): void {
    const done = (now - this.#since) * this.#rate();
    this.#since = now;
    for (const call of this.#calls) call.left -= done;
  }
}
