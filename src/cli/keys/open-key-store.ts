import { fileKeyStore } from '../../auth/api-keys/file-key-store.ts';
import { keyFileFault } from '../../auth/api-keys/key-file.ts';
import type { KeyStore } from '../../auth/api-keys/key-store.ts';
import { redisKeyStore } from '../../auth/api-keys/redis-key-store.ts';
import { connectRedis } from '../../cache/redis.ts';
import { systemClock } from '../../core/clock.ts';
import { CommandFailure, UsageError } from '../command/exit-code.ts';
import type { KeySettings } from './key-settings.ts';

/** Timeout of a call: a command may wait for longer than a request. */
const REDIS_LIMIT_MS = 5_000;

const opened = async ({ store, redisUrl }: KeySettings): Promise<KeyStore> => {
  if (store.in === 'file') return fileKeyStore(store.path, systemClock);
  const log = { warn: () => {} };
  const redis = await connectRedis(redisUrl ?? '', systemClock, log, { limitMs: REDIS_LIMIT_MS });
  return redisKeyStore(redis, () => redis.close());
};

/** Runs a command with the store, and closes it. @throws CommandFailure if the store cannot be read or written */
export const withKeyStore = async <T>(settings: KeySettings, run: (store: KeyStore) => Promise<T>): Promise<T> => {
  const store = await opened(settings);
  try {
    return await run(store);
  } catch (error) {
    if (error instanceof CommandFailure || error instanceof UsageError) throw error;
    const { store: place } = settings;
    throw place.in === 'file'
      ? new CommandFailure(`${place.path} ${keyFileFault(error)}.`, { cause: error })
      : new CommandFailure('Redis does not answer, or rejects the command. Check REDIS_URL.', { cause: error });
  } finally {
    await store.close();
  }
};
