import { cacheStoreSuite } from '../../test/suites/cache-store.ts';
import { redisUrl } from '../../test/support/backends/redis.ts';
import { redisConnection } from '../../test/support/backends/redis-connection.ts';
import { manualClock } from '../../test/support/clock/manual-clock.ts';
import { systemClock } from '../core/clock.ts';
import { memoryStore } from './memory.ts';
import { redisStore } from './redis.ts';

const url = await redisUrl();

cacheStoreSuite('memory', async (random) => {
  const clock = manualClock();
  const store = memoryStore(clock, { random });
  return { store, pass: (ms) => clock.advance(ms), close: () => store.close() };
});

cacheStoreSuite(
  'redis',
  async (random) => {
    const connection = await redisConnection(url ?? '');
    const store = redisStore(connection, { random });
    return {
      store,
      // Redis has its own clock.
      pass: (ms) => new Promise((resolve) => systemClock.after(ms, resolve)),
      close: async () => {
        await store.close();
        await connection.close();
      },
    };
  },
  url === null ? 'there is no Redis' : null,
);
