import { expect, onTestFinished, test } from 'vitest';
import { noOwnRedis, startRedis } from '../support/backends/redis.ts';
import { isCached, startProgram, WELL, withoutStore, withStoreAgain } from '../support/processes/notes-program.ts';

test.skipIf(noOwnRedis !== null)(
  'Redis is killed and restarted: every request is answered, /readyz stays 200, /health names the store',
  async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.close());
    const program = await startProgram(redis.url);
    await isCached(program);
    expect(await program.health()).toEqual(WELL);

    await redis.kill();
    await withoutStore(program);
    const again = await startRedis(redis.port);
    onTestFinished(() => again.close());
    await withStoreAgain(program);
    expect(program.output()).toContain('Redis answers again.');
  },
);
