import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { parseKeyFile } from '../../src/auth/api-keys/key-file.ts';
import { keyWith, newKey } from '../../src/auth/api-keys/key-text.ts';
import { noOwnRedis, startRedis } from '../support/backends/redis.ts';
import { type SmallProcess, startSmall } from '../support/gateway/small-process.ts';
import { folderWith } from '../support/modules/module-folder.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';
import { startNode } from '../support/processes/processes.ts';

type Env = Readonly<Record<string, string>>;

const runKeys = async (env: Env, ...args: readonly string[]) => {
  const running = startNode('src/cli/main.ts', ['keys', ...args], { env: { ...env, AUDIT_LOG: 'off' } });
  onTestFinished(() => running.stop().then(() => {}));
  return { code: (await running.ended).code, output: running.output() };
};

const createdKey = async (env: Env): Promise<string> => {
  const { code, output } = await runKeys(env, 'create', '--owner', 'team');
  expect(code).toBe(0);
  return /tby_\S+/.exec(output)?.[0] ?? expect.fail(output);
};

const statusOf = async ({ origin }: SmallProcess, headers: Env): Promise<number> =>
  (
    await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{"query":"{ hello }"}',
    })
  ).status;

const isAnswered = async (gateway: SmallProcess, key: string, status: number): Promise<void> => {
  await vi.waitFor(async () => expect(await statusOf(gateway, { 'x-api-key': key })).toBe(status), LONG_WAIT);
};

describe.skipIf(noOwnRedis !== null)(`with Redis (${noOwnRedis ?? 'redis-server'})`, () => {
  test('a key that a command creates is valid on two gateways, and refused by both within seconds of its revocation', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.close());
    const env = { API_KEYS: 'redis', REDIS_URL: redis.url };
    const gateways = [await startSmall({ env }), await startSmall({ env })];
    const lastAnswers: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const key = await createdKey(env);
      for (const gateway of gateways) await isAnswered(gateway, key, 200);
      expect((await runKeys(env, 'revoke', key.slice(4, 16))).code).toBe(0);
      const revokedAt = performance.now();
      await Promise.all(gateways.map((gateway) => isAnswered(gateway, key, 401)));
      lastAnswers.push(performance.now() - revokedAt);
    }
    console.info(`milliseconds until both gateways refused: ${lastAnswers.map(Math.round).join(', ')}`);
    // A half second by the clock of a gateway; a busy machine adds its own delays.
    for (const ms of lastAnswers) expect(ms).toBeLessThan(10_000);

    const [known, unknown] = [await createdKey(env), newKey().text];
    for (const gateway of gateways) await isAnswered(gateway, known, 200);
    await redis.kill();
    for (const gateway of gateways) {
      await isAnswered(gateway, unknown, 503);
      expect(await statusOf(gateway, { 'x-api-key': known })).toBe(200);
      expect(await statusOf(gateway, { 'x-api-key': 'malformed' })).toBe(401);
      expect(await gateway.metrics()).toMatch(/^tributary_api_keys_up\S* 0$/m);
      expect(gateway.output()).toContain('"event":"credential.refused"');
      expect(gateway.output() + (await gateway.metrics())).not.toMatch(/tby_/);
    }
  }, 600_000);
});

test('eight commands at one time lose no key of a file', async () => {
  const path = join(folderWith({}), 'keys.json');
  const env = { API_KEYS: `file:${path}` };
  const keys = await Promise.all(Array.from({ length: 8 }, () => createdKey(env)));
  const ids = parseKeyFile(readFileSync(path, 'utf8')).map(({ id }) => id);
  expect(ids.toSorted()).toEqual(keys.map((key) => key.slice(4, 16)).toSorted());
}, 600_000);

test('a leaked file is useless: nothing in it is accepted, in any form', async () => {
  const path = join(folderWith({}), 'keys.json');
  const env = { API_KEYS: `file:${path}` };
  const key = await createdKey(env);
  const gateway = await startSmall({ env });
  await isAnswered(gateway, key, 200);
  const text = readFileSync(path, 'utf8');
  const records = parseKeyFile(text);
  const forms = records.flatMap(({ id, hash }) => {
    const bytes = Buffer.from(hash, 'base64url');
    const digits = hash.replaceAll(/[-_]/g, 'A');
    return [
      hash,
      bytes.toString('hex'),
      bytes.toString('base64'),
      id,
      `tby_${id}`,
      `tby_${id}_${hash}`,
      keyWith(id, digits),
    ];
  });
  const leaked = [...forms, ...(text.match(/[\w-]{4,}/g) ?? [])];
  for (const form of new Set(leaked))
    for (const headers of [
      { 'x-api-key': form },
      { authorization: `ApiKey ${form}` },
      { authorization: `Bearer ${form}` },
    ])
      expect([form, await statusOf(gateway, headers)]).toEqual([form, 401]);
}, 600_000);
