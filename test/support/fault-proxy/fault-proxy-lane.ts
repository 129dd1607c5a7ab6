import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Harm, passageThrough } from './fault-proxy-toxics.ts';

export interface LaneOptions {
  readonly from: Socket;
  readonly to: Socket;
  /** Faults of this direction of the connection at present. */
  readonly harms: () => readonly Harm[];
  readonly random: () => number;
  /** Called with the number of bytes passed on. */
  readonly passed: (bytes: number) => void;
  /** Ends the whole connection. */
  readonly cut: (how: 'closing' | 'resetting') => void;
}

/** Maximum number of bytes that are read from one side before the other has taken them. */
const MAX_QUEUED = 1_048_576;

/** One direction of one connection. Pieces leave in the order of arrival, each when the faults allow it. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #queue: { readonly chunk: Buffer; readonly at: number }[] = [];
  #queued = 0;
  #passed = 0;
  #ended = false;
  #running = false;

  constructor(options: LaneOptions) {
    this.#options = options;
    const { from } = options;
    from.on('data', (chunk: Buffer) => {
      this.#queue.push({ chunk, at: performance.now() });
      this.#queued += chunk.length;
      if (this.#queued > MAX_QUEUED) from.pause();
      this.#run();
    });
    from.once('end', () => {
      this.#ended = true;
      this.#run();
    });
  }

  #run(): void {
    if (this.#running) return;
    this.#running = true;
    void this.#drain().finally(() => {
      this.#running = false;
    });
  }

  async #drain(): Promise<void> {
    const { from, to, harms, random } = this.#options;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      this.#queued -= next.chunk.length;
      if (from.isPaused() && this.#queued <= MAX_QUEUED) from.resume();
      if (to.destroyed) return;
      await this.#pass(next.chunk, next.at);
    }
    if (!this.#ended || to.destroyed) return;
    const { closeAfterMs } = passageThrough(harms(), random);
    if (closeAfterMs > 0) await sleep(closeAfterMs);
    to.end();
  }

  async #pass(chunk: Buffer, at: number): Promise<void> {
    const { harms, random, cut } = this.#options;
    const { delayMs, msPerByte, slices, limitBytes, stop } = passageThrough(harms(), random);
    if (stop !== null) {
      if (stop.by === 'nothing') return;
      if (stop.afterMs > 0) await sleep(stop.afterMs);
      return cut(stop.by);
    }
    const leftMs = at + delayMs - performance.now();
    if (leftMs > 0) await sleep(leftMs);
    const allowed = Math.max(0, Math.min(chunk.length, limitBytes - this.#passed));
    for (let start = 0; start < allowed; ) {
      const size = slices === null ? allowed : sliceSize(slices, random);
      const piece = chunk.subarray(start, Math.min(start + size, allowed));
      start += piece.length;
      await this.#write(piece);
      const pauseMs = (slices?.pauseMs ?? 0) + piece.length * msPerByte;
      if (pauseMs >= 1) await sleep(pauseMs);
    }
    if (allowed < chunk.length || this.#passed >= limitBytes) cut('closing');
  }

  async #write(piece: Buffer): Promise<void> {
    const { to, passed } = this.#options;
    if (to.destroyed) return;
    this.#passed += piece.length;
    passed(piece.length);
    if (to.write(piece)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    to.once('drain', resolve);
    to.once('close', resolve);
    await promise;
    to.off('drain', resolve);
    to.off('close', resolve);
  }
}

const sliceSize = (
  { averageBytes, variation }: { readonly averageBytes: number; readonly variation: number },
  random: () => number,
): number => Math.max(1, Math.round(averageBytes + variation * (2 * random() - 1)));
