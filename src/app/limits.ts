import type { Settings } from '../config/settings.ts';
import type { DocumentLimits } from '../graph/limits/document-limits.ts';
import type { ClientLimit } from '../http/graphql/client-limit.ts';
import type { OpenLimiter } from '../rate-limit/limiter.ts';
import { memoryLimiters } from '../rate-limit/memory.ts';
import { redisLimiters, type SharedCounters } from '../rate-limit/redis.ts';

export interface Limits {
  readonly documents: DocumentLimits;
  readonly openLimiter: OpenLimiter;
  readonly client: ClientLimit | undefined;
}

/** Creates the configured limits. Without Redis, each process counts on its own. */
export const limitsOf = (settings: Settings, redis: SharedCounters | null): Limits => {
  const openLimiter =
    redis === null ? memoryLimiters() : redisLimiters(redis, { replicas: settings.RATE_LIMIT_REPLICAS });
  const quota = settings.CLIENT_RATE_LIMIT;
  return {
    documents: {
      maxTokens: settings.MAX_TOKENS,
      maxDepth: settings.MAX_DEPTH,
      maxAliases: settings.MAX_ALIASES,
      maxRootFields: settings.MAX_ROOT_FIELDS,
      maxDirectives: settings.MAX_DIRECTIVES,
      maxSelections: settings.MAX_SELECTIONS,
    },
    openLimiter,
    client: quota === null ? undefined : { quota, limiter: openLimiter(quota) },
  };
};
