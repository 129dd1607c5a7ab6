import type { CacheStore } from '../../../src/cache/store.ts';
import type { Send } from '../../../src/upstream/call.ts';

/** Number of uses of each mechanism that could mix up callers. */
export interface Counts {
  /** Answers to whole operations from the store. */
  operationHits: number;
  /** Entities kept for a caller with a token. */
  entityHits: number;
  /** Calls for callers with tokens, before single flight. */
  calls: number;
}

const isOperation = (key: string): boolean => key.startsWith('operation:');
/** Neither public nor anonymous. */
const isPersonal = (key: string): boolean => !/^\["(public|anonymous)\b/.test(key);

/** The store, with counters. */
export const counting = (store: CacheStore, counts: Counts): CacheStore => ({
  ...store,
  getMany: async (keys) => {
    const found = await store.getMany(keys);
    const hits = keys.filter((_, at) => found[at] !== undefined);
    const operations = hits.filter(isOperation).length;
    counts.operationHits += operations;
    counts.entityHits += hits.filter((key) => !isOperation(key) && isPersonal(key)).length;
    return found;
  },
});

/** The transport of an upstream, with counters. */
export const countingCalls =
  (send: Send, counts: Counts): Send =>
  (call) => {
    if (call.headers.authorization !== undefined) counts.calls += 1;
    return send(call);
  };
