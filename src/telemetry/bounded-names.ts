import type { Log } from './log.ts';
import { OTHER } from './names.ts';

/** A metric's label, for the warning of a full bound. */
export interface BoundedLabel {
  readonly label: string;
  /** Where the values belong to one upstream. */
  readonly upstream?: string;
  /** Different values that are kept. */
  readonly max: number;
}

/** The warning for values that are no longer told apart. Without any value: clients choose some of them. */
export const warnOfOther = (log: Log, fields: { readonly max: number } & Readonly<Record<string, unknown>>): void =>
  log.warn(`Metrics have too many values. Later ones count as "${OTHER}".`, fields);

/**
 * Bounds the values of one label: the first `max` different ones stay as they are, every later one is `other`. The first one
 * that is too many is logged. A series, once made, lives as long as the process, so that no client and no module may make
 * as many as it likes.
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

/** The same bound for each upstream by itself: the routes of one do not take the place of another's. */
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
