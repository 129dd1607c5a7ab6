import type { Log } from './log.ts';
import { OTHER } from './names.ts';

/** Label of a metric, for the warning of a full bound. */
export interface BoundedLabel {
  readonly label: string;
  /** Set for labels that are bounded for each upstream. */
  readonly upstream?: string;
  /** Maximum number of different values. */
  readonly max: number;
}

/** Logs that further values count as `other`. The values themselves are not logged: clients choose some of them. */
export const warnOfOther = (log: Log, fields: { readonly max: number } & Readonly<Record<string, unknown>>): void =>
  log.warn(`Too many values of a metric label. Later ones count as "${OTHER}".`, fields);

/**
 * Bounds the values of one label: the first `max` different ones are kept, every later one becomes `other`. The first
 * one above the bound is logged. A series lives as long as the process, so that clients and modules must not create any
 * number of them.
 */
export const boundedNames = (bound: BoundedLabel, log: Log): ((name: string | null) => string) => {
  const known = new Set<string>();
  let isFull = false;
  return (name) => {
    if (name === null) return OTHER;
    if (known.has(name)) return name;
    if (known.size < bound.max) {
      known.add(name);
      return name;
    }
    if (!isFull) warnOfOther(log, { ...bound });
    isFull = true;
    return OTHER;
  };
};

/** Bounds the values of one label for each upstream separately. */
export const boundedByUpstream = (
  bound: BoundedLabel,
  log: Log,
): ((upstream: string, name: string | null) => string) => {
  const bounds = new Map<string, (name: string | null) => string>();
  return (upstream, name) => {
    let one = bounds.get(upstream);
    if (one === undefined) {
      one = boundedNames({ ...bound, upstream }, log);
      bounds.set(upstream, one);
    }
    return one(name);
  };
};
