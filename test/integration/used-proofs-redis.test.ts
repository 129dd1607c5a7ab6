import { expect, onTestFinished, test } from 'vitest';
import { MemoryUsedProofs, sharedUsedProofs } from '../../src/auth/dpop/used-proofs.ts';
import type { RedisConnection } from '../../src/cache/redis.ts';
import { redisAdd } from '../../src/cache/redis-add.ts';
import { dpopRig, refusedProof } from '../support/auth/dpop-rig.ts';
import { noOwnRedis, startRedis } from '../support/backends/redis.ts';
import { redisConnection } from '../support/backends/redis-connection.ts';

/** Two gateways with one Redis. */
const rigWithRedis = async () => {
  const redis = await startRedis();
  const connections = [await redisConnection(redis.url), await redisConnection(redis.url)] as const;
  const rig = await dpopRig();
  const open = (at: RedisConnection) =>
    rig.open({ usedProofs: sharedUsedProofs(new MemoryUsedProofs(rig.clock), redisAdd(at, 'tributary:dpop')) });
  const gateways = [open(connections[0]), open(connections[1])] as const;
  onTestFinished(async () => {
    for (const gateway of gateways) gateway.close();
    for (const connection of connections) await connection.close();
    await redis.close();
  });
  return { ...rig, redis, connections, gateways };
};

test.skipIf(noOwnRedis !== null)(
  'a proof sent to two gateways at the same time is accepted by one of them',
  async () => {
    const { client, token, prove, gateways } = await rigWithRedis();
    for (let round = 0; round < 20; round += 1) {
      const proof = client.proof(token);
      const results = await Promise.all(gateways.map((by) => prove(proof, { by })));
      expect(results.sort()).toEqual([refusedProof('used before'), 'c1'].sort());
    }
  },
);

test.skipIf(noOwnRedis !== null)(
  'a proof is in Redis for its time only, and its key contains neither proof nor token',
  async () => {
    const { client, token, prove, gateways, connections } = await rigWithRedis();
    const proof = client.proof(token);
    expect(await prove(proof, { by: gateways[0] })).toBe('c1');
    const keys = await connections[0].client.keys('*');
    expect(keys).toHaveLength(1);
    const [key = ''] = keys;
    expect(key.startsWith('tributary:dpop')).toBe(true);
    expect([proof, token].some((text) => text.includes(key) || key.includes(text))).toBe(false);
    const ttlMs = await connections[0].client.pTTL(key);
    expect(ttlMs).toBeGreaterThan(0);
    expect(ttlMs).toBeLessThanOrEqual(120_000);
  },
);

test.skipIf(noOwnRedis !== null)(
  'without its Redis each gateway still refuses the proofs that it has seen',
  async () => {
    const { client, token, prove, gateways, redis } = await rigWithRedis();
    await redis.kill();
    const proof = client.proof(token);
    const [one, two] = gateways;
    expect(await prove(proof, { by: one })).toBe('c1');
    expect(await prove(proof, { by: one })).toBe(refusedProof('used before'));
    expect(await prove(proof, { by: two })).toBe('c1');
  },
);
