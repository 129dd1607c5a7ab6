import type { Clock } from '../core/clock.ts';
import { keyvStore } from './keyv-store.ts';
import { LruTexts } from './lru.ts';
import type { CacheStore } from './store.ts';

const DEFAULT_MAX_BYTES = 64 * 1_048_576;

export interface MemoryStoreOptions {
  /** Limit of keys and values together. Default 64 MiB. */
  readonly maxBytes?: number;
  readonly random?: () => number;
}

/** A store in the memory of this process, not shared with other replicas. */
export const memoryStore = (clock: Clock, options: MemoryStoreOptions = {}): CacheStore => {
  const adapter = new LruTexts(options.maxBytes ?? DEFAULT_MAX_BYTES, clock);
  return keyvStore({
    adapter,
    guard: (run) => run(),
    state: () => 'ok',
    close: () => adapter.clear(),
    random: options.random,
  });
};
