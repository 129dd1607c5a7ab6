import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { noOwnRedis, startRedis } from '../support/backends/redis.ts';
import { startSmall } from '../support/gateway/small-process.ts';
import { folderWith, moduleSource } from '../support/modules/module-folder.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';
import { startNode } from '../support/processes/processes.ts';

const Status = z.object({ limits: z.looseObject({ fault: z.string().nullable(), changes: z.number() }) });

const fileOf = (...rules: readonly object[]): string => JSON.stringify({ rules });

/** Replaces a file as deployments do: by a rename. */
const replace = (path: string, text: string): void => {
  writeFileSync(`${path}.next`, text);
  renameSync(`${path}.next`, path);
};

const gatewayWith = async (limits: string, env: Readonly<Record<string, string>> = {}) => {
  const path = join(folderWith({ 'limits.json': limits }), 'limits.json');
  const gateway = await startSmall({ env: { LIMITS: path, LOG_LEVEL: 'info', ...env } });
  const statusesOf = async (query: string, count: number) => {
    const statuses: number[] = [];
    for (let n = 0; n < count; n += 1) statuses.push((await gateway.post(query)).status);
    return statuses;
  };
  const state = async () => Status.parse(await (await fetch(`${gateway.adminOrigin}/status`)).json()).limits;
  return { ...gateway, path, statusesOf, state };
};

test('a changed file of limits is in use without a restart; one that is not valid changes nothing and is shown', async () => {
  const hello = { name: 'hello', when: { field: ['Query.hello'] }, rates: ['2/1h'] };
  const { path, statusesOf, state, metrics, output } = await gatewayWith(fileOf(hello));
  expect(await statusesOf('{ hello }', 3)).toEqual([200, 200, 429]);
  expect(await statusesOf('{ items(count: 1) { id } }', 3)).toEqual([200, 200, 200]);
  expect(await metrics()).toMatch(/tributary_limited_requests_total\{[^}]*rule="hello"[^}]*\} 1/);
  expect(output()).toMatch(/"limits":\{"hello":"refused"\}/);

  replace(path, fileOf({ ...hello, rates: ['3/1h'], mode: 'measure' }));
  await vi.waitUntil(async () => (await state()).changes === 1, LONG_WAIT);
  expect(await statusesOf('{ hello }', 5)).toEqual(Array(5).fill(200));
  expect(await metrics()).toMatch(/tributary_limited_requests_total\{[^}]*mode="measure"[^}]*\} 2/);
  await vi.waitUntil(() => output().includes('"limits":{"hello":"measured"}'), LONG_WAIT);

  replace(path, fileOf({ ...hello, when: { field: ['Query.helo'] } }));
  await vi.waitUntil(async () => (await state()).fault !== null, LONG_WAIT);
  expect((await state()).fault).toBe('rule hello: the schema has no field Query.helo (did you mean Query.hello?)');
  expect(await statusesOf('{ hello }', 2)).toEqual([200, 200]);
});

test('a file that cannot be used stops the start, with every problem', async () => {
  const folder = folderWith({
    'limits.json': fileOf({ name: 'a', rates: ['x'] }, { name: 'b' }),
    'schema/small/index.ts': moduleSource('small'),
  });
  const path = join(folder, 'limits.json');
  const running = startNode('src/main.ts', [], {
    env: { SCHEMA_DIR: join(folder, 'schema'), LIMITS: path, HOST: '127.0.0.1', PORT: '0', ADMIN_PORT: '0' },
  });
  expect((await running.ended).code).toBe(1);
  expect(running.output()).toContain(`LIMITS: ${path}: rules[0].rates[0]: must be <limit>/<time>`);
});

describe.skipIf(noOwnRedis !== null)(`with a Redis (${noOwnRedis ?? 'of its own'})`, () => {
  test('each rule does what it says while Redis is killed, and while it hangs, and the log says so once', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.close());
    const { statusesOf, output } = await gatewayWith(
      fileOf(
        { name: 'closed', when: { field: ['Query.hello'] }, rates: ['100/1h'], onStoreFailure: 'closed' },
        { name: 'open', when: { field: ['Query.items'] }, rates: ['1/1h'], onStoreFailure: 'open' },
        { name: 'local', when: { field: ['Query.slow'] }, rates: ['4/1h'], onStoreFailure: 'local' },
      ),
      { REDIS_URL: redis.url, RATE_LIMIT_REPLICAS: '2', CLIENT_RATE_LIMIT: 'off' },
    );
    const [hello, items, slow] = ['{ hello }', '{ items(count: 1) { id } }', '{ slow(ms: 0) }'];
    await vi.waitUntil(async () => (await statusesOf(hello, 1))[0] === 200, LONG_WAIT);
    await vi.waitUntil(async () => (await statusesOf(items, 1))[0] === 429, LONG_WAIT);

    redis.pause();
    await vi.waitUntil(async () => (await statusesOf(hello, 1))[0] === 503, LONG_WAIT);
    expect(await statusesOf(items, 3)).toEqual([200, 200, 200]);
    expect(await statusesOf(slow, 4)).toEqual([200, 200, 429, 429]);
    redis.resume();
    await vi.waitUntil(async () => (await statusesOf(hello, 1))[0] === 200, LONG_WAIT);
    expect(await statusesOf(items, 1)).toEqual([429]);

    await redis.kill();
    await vi.waitUntil(async () => (await statusesOf(hello, 1))[0] === 503, LONG_WAIT);
    expect(await statusesOf(items, 3)).toEqual([200, 200, 200]);
    const again = await startRedis(redis.port);
    onTestFinished(() => again.close());
    await vi.waitUntil(async () => (await statusesOf(hello, 1))[0] === 200, LONG_WAIT);
    expect(output().split('Limits cannot be counted in Redis.')).toHaveLength(3);
    expect(output().split('Limits are counted in Redis again.')).toHaveLength(3);
  });
});
