import { expect, onTestFinished, test } from 'vitest';
import { noOwnRedis, startRedis } from '../support/backends/redis.ts';
import { isCached, startProgram, withoutStore, withStoreAgain } from '../support/processes/notes-program.ts';
import { freePort } from '../support/processes/ports.ts';

test.skipIf(noOwnRedis !== null)(
  'Redis is stopped by SIGSTOP and continued: every request is answered, /health names the store',
  async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.close());
    const program = await startProgram(redis.url);
    await isCached(program);

    redis.pause();
    await withoutStore(program);
    redis.resume();
    await withStoreAgain(program);
  },
);

test.skipIf(noOwnRedis !== null)(
  'Redis is absent at the start and comes up later: every request is answered, /health names the store',
  async () => {
    const port = await freePort();
    const program = await startProgram(`redis://127.0.0.1:${port}`);
    await withoutStore(program);
    const redis = await startRedis(port);
    onTestFinished(() => redis.close());
    await withStoreAgain(program);
  },
);

test('without REDIS_URL the process caches in memory, and /health reports it', async () => {
  const program = await startProgram('');
  await isCached(program);
  expect(await program.health()).toEqual({ code: 200, status: 'ok', store: { kind: 'memory', status: 'ok' } });
});
