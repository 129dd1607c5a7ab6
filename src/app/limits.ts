import type { Settings } from '../config/settings.ts';
import type { DocumentLimits } from '../graph/limits/document-limits.ts';
import type { OpenLimiter } from '../rate-limit/limiter.ts';
import { memoryLimiters } from '../rate-limit/memory.ts';
import { redisLimiters, type SharedCounters } from '../rate-limit/redis.ts';

export interface Limits {
  readonly documents: DocumentLimits;
  /** Limiters of fields and routes. */
  readonly openLimiter: OpenLimiter;
}

/** Creates the configured limits of documents, fields and routes. Without Redis, each process counts on its own. */
export const limitsOf = (settings: Settings, redis: SharedCounters | null): Limits => ({
  documents: {
    maxTokens: settings.MAX_TOKENS,
    maxDepth: settings.MAX_DEPTH,
    maxAliases: settings.MAX_ALIASES,
    maxRootFields: settings.MAX_ROOT_FIELDS,
    maxDirectives: settings.MAX_DIRECTIVES,
    maxSelections: settings.MAX_SELECTIONS,
  },
  openLimiter: redis === null ? memoryLimiters() : redisLimiters(redis, { replicas: settings.RATE_LIMIT_REPLICAS }),
});
