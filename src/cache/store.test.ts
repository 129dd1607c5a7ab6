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
  return {
    store,
    pass: (ms) => clock.advance(ms),
    expiresWithin: async (key, ms) => {
      clock.advance(ms);
      return (await store.getMany([key]))[0] === undefined;
    },
    close: () => store.close(),
  };
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
      expiresWithin: async (key, ms) => {
        const [stored] = await connection.client.keys(`*${key}`);
        const leftMs = await connection.client.pTTL(stored ?? '');
        return leftMs >= 0 && leftMs <= ms;
      },
      close: async () => {
        await store.close();
        await connection.close();
      },
    };
  },
  url === null ? 'there is no Redis' : null,
);
