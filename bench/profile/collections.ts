/** One garbage collection as `--trace-gc` tells of it. */
export interface Collection {
  /** True for a collection of the young generation alone. */
  readonly young: boolean;
  /** Since V8 was started. */
  readonly atMs: number;
  /** Duration of the pause. */
  readonly tookMs: number;
}

const YOUNG = new Set(['Scavenge', 'Minor']);
const LINE =
  /\[\d+:0x[\da-f]+\]\s+(\d+) ms: (Scavenge|Minor|Mark-Compact)\b[^\n]*? MB, (?:pooled: [\d.]+ MB, )?([\d.]+) \//g;
/** A line of a server's own log. It may stand in the middle of one of V8's, whose output is buffered. */
const LOGGED = /\{"[^\n]*\}\n/g;

/** Everything that a program printed under `--trace-gc`, to collections. */
export const collectionsIn = (printed: string): readonly Collection[] =>
  [...printed.replaceAll(LOGGED, '').matchAll(LINE)].map(([, at, kind = '', took]) => ({
    young: YOUNG.has(kind),
    atMs: Number(at),
    tookMs: Number(took),
  }));
