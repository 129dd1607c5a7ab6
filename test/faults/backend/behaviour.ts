import { type Conduct, type Failure, type Seen, WELL } from './conduct.ts';

/** Fate of one request. */
export type Fate =
  | { readonly is: 'answered'; readonly afterMs: number }
  | { readonly is: 'failed'; readonly afterMs: number; readonly failure: Failure };

const MAX_TIMES = 20_000;
const MAX_IDS = 60_000;

/** Conduct and record of one backend, common to all protocols. */
export class Behaviour {
  conduct: Conduct = WELL;
  #reads = 0;
  #writes = 0;
  #connections = 0;
  #arrivals: number[] = [];
  #aborts: number[] = [];
  #ledger = new Map<string, number>();
  #deadlines = new Map<string, (number | null)[]>();

  change(changes: Partial<Conduct>): void {
    this.conduct = { ...this.conduct, ...changes };
  }

  connected(): void {
    this.#connections += 1;
  }

  aborted(): void {
    note(this.#aborts);
  }

  /** Records a read of this id, with the time left that the call stated. */
  read(id: string, leftMs: number | null): Fate {
    this.#reads += 1;
    note(this.#arrivals);
    const deadlines = this.#deadlines.get(id) ?? [];
    deadlines.push(leftMs);
    if (this.#deadlines.size < MAX_IDS) this.#deadlines.set(id, deadlines);
    return this.#fate(id);
  }

  /** Records a write. It is executed immediately, whatever its answer. */
  write(id: string): Fate {
    this.#writes += 1;
    note(this.#arrivals);
    const fate = this.#fate(id);
    if (this.#ledger.size < MAX_IDS) this.#ledger.set(id, (this.#ledger.get(id) ?? 0) + 1);
    return fate;
  }

  seen(): Seen {
    return {
      reads: this.#reads,
      writes: this.#writes,
      connections: this.#connections,
      arrivals: this.#arrivals,
      aborts: this.#aborts,
      ledger: Object.fromEntries(this.#ledger),
      deadlines: Object.fromEntries(this.#deadlines),
    };
  }

  forget(): void {
    this.#reads = 0;
    this.#writes = 0;
    this.#connections = 0;
    this.#arrivals = [];
    this.#aborts = [];
    this.#ledger = new Map();
    this.#deadlines = new Map();
  }

  #fate(id: string): Fate {
    const { afterMs, jitterMs, failShare, failAfterMs, failure, trouble } = this.conduct;
    const own = trouble[id.split('-')[0] ?? ''];
    if (own !== undefined) return { is: 'failed', afterMs: failAfterMs, failure: own };
    if (Math.random() < failShare) return { is: 'failed', afterMs: failAfterMs, failure };
    return { is: 'answered', afterMs: afterMs + jitterMs * Math.random() };
  }
}

const note = (times: number[]): void => {
  if (times.length < MAX_TIMES) times.push(Date.now());
};
