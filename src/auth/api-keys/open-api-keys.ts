import type { KeyStorePlace } from '../../config/places.ts';
import type { Clock } from '../../core/clock.ts';
import { ConfigurationError } from '../../core/errors.ts';
import type { Log } from '../../telemetry/log/log.ts';
import type { IdentityMetrics } from '../../telemetry/metrics/identity-metrics.ts';
import type { Authenticator } from '../authenticator.ts';
import { apiKeyAuthenticator } from './api-key-authenticator.ts';
import { openFileKeys } from './file-keys.ts';
import type { KeySet } from './key-set.ts';
import { openRedisKeys } from './redis-keys.ts';
import type { SharedKeys } from './redis-scripts.ts';

interface Dependencies {
  /** Null without Redis. */
  readonly redis: SharedKeys | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: IdentityMetrics;
}

const problem = (text: string): ConfigurationError =>
  new ConfigurationError('The configuration is invalid:', [`API_KEYS: ${text}`]);

const openKeys = async (
  place: KeyStorePlace,
  { redis, clock, log }: Dependencies,
): Promise<readonly [KeySet, fault: () => string | null]> => {
  if (place.in === 'redis') {
    if (redis === null) throw problem('redis requires REDIS_URL: set it, or use a file');
    const report = ({ id }: { readonly id: string }) =>
      log.warn('The record of an API key in Redis is not valid; the key is refused. Create another key.', { id });
    return [await openRedisKeys(redis, clock, report), () => null];
  }
  try {
    const keys = await openFileKeys(place.path, clock, ({ is, ...fields }) =>
      log.warn(
        is === 'reloaded'
          ? 'The API keys were read again from their changed file.'
          : 'The file of the API keys cannot be used; the last keys stay in use. Correct the file.',
        fields,
      ),
    );
    return [keys, keys.fault];
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'cannot be read';
    throw problem(`${place.path} ${reason}: create it with the command keys create, or correct it`);
  }
};

/**
 * Opens the authenticator of API keys; null without a store.
 *
 * @throws ConfigurationError if the store cannot be used at all; Redis need not answer
 */
export const openApiKeys = async (
  place: KeyStorePlace | null,
  dependencies: Dependencies,
): Promise<Authenticator | null> => {
  if (place === null) return null;
  const { metrics } = dependencies;
  const [keys, fault] = await openKeys(place, dependencies);
  metrics.watchApiKeys(() => ({ keys: keys.size, isUp: keys.state === 'current' && fault() === null }));
  return apiKeyAuthenticator({ keys, refused: metrics.apiKeyRefused });
};
