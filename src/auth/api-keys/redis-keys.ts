import type { Clock, Timer } from '../../core/clock.ts';
import { type KeySet, type KeySetState, type KnownApiKey, knownApiKey, MAX_KEYS } from './key-set.ts';
import { type KeyTable, keyTable } from './key-table.ts';
import { changesAfter } from './redis-changes.ts';
import type { SharedKeys } from './redis-scripts.ts';

/** Interval of the reads of changes: a revocation is in force everywhere within a second. */
const POLL_MS = 500;
/** Age of the last read from which the keys are outdated. */
const CURRENT_MS = 1_000;
/**
 * Age from which the keys are not used. A failover of Redis takes less; a gateway that alone has lost Redis accepts a
 * revoked key for this long.
 */
const USABLE_MS = 60_000;
/** Interval of reads of all keys, which find those that were deleted by other programs. */
const ALL_MS = 60_000;

/** A record in Redis that is not valid. Its key is refused. */
export interface InvalidKeyRecord {
  readonly id: string;
}

/**
 * Opens the keys in Redis: all of them in memory, with the changes of the last half second. Resolves after the first read,
 * even a failed one.
 */
export const openRedisKeys = async (
  redis: SharedKeys,
  clock: Clock,
  report: (event: InvalidKeyRecord) => void = () => {},
): Promise<KeySet> => {
  /** Null for a record that is not valid. */
  let known: KeyTable<KnownApiKey | null> = keyTable();
  let since = '0';
  let readAt = Number.NEGATIVE_INFINITY;
  let allReadAt = Number.NEGATIVE_INFINITY;
  let timer: Timer | null = null;
  let isClosed = false;

  /** Adds the changes after `from` to `keys`. Returns the score of the last one, and the number of keys in Redis. */
  const addChanges = async (keys: Pick<typeof known, 'has' | 'set' | 'size'>, from: string) => {
    for (let last = from; ; ) {
      const page = await changesAfter(redis, last);
      for (const { id, record } of page.changes) {
        if (keys.size >= MAX_KEYS && !keys.has(id)) continue;
        if (record === null && known.get(id) !== null) report({ id });
        keys.set(id, record === null ? null : knownApiKey(record));
      }
      last = page.last;
      if (page.isLast) return { last, count: page.count };
    }
  };

  const readAll = async (now: number): Promise<void> => {
    const all = new Map<string, KnownApiKey | null>();
    ({ last: since } = await addChanges(all, '0'));
    known = keyTable(all);
    allReadAt = now;
  };

  const readNow = async (): Promise<void> => {
    const now = clock.now();
    if (now - allReadAt >= ALL_MS) await readAll(now);
    else {
      const { last, count } = await addChanges(known, since);
      since = last;
      if (count < known.size) await readAll(now);
    }
    readAt = now;
  };

  const poll = async (): Promise<void> => {
    // The connection reports its failures itself.
    await readNow().catch(() => {});
    if (!isClosed) timer = clock.after(POLL_MS, () => void poll());
  };

  const state = (): KeySetState => {
    const age = clock.now() - readAt;
    if (age <= CURRENT_MS) return 'current';
    return age <= USABLE_MS ? 'outdated' : 'unavailable';
  };

  await poll();
  return {
    find: (id) => known.get(id) ?? undefined,
    nearest: (id) => known.nearest(id) ?? undefined,
    get size() {
      return known.size;
    },
    get state() {
      return state();
    },
    close: () => {
      isClosed = true;
      timer?.cancel();
    },
  };
};
