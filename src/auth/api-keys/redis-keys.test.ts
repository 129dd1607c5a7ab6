import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { issuedKey } from '../../../test/support/auth/api-keys.ts';
import { noOwnRedis, type RunningRedis, startRedis } from '../../../test/support/backends/redis.ts';
import { redisConnection } from '../../../test/support/backends/redis-connection.ts';
import { type ManualClock, manualClock } from '../../../test/support/clock/manual-clock.ts';
import { LONG_WAIT } from '../../../test/support/processes/long-wait.ts';
import type { KeySet } from './key-set.ts';
import { redisKeyStore } from './redis-key-store.ts';
import { openRedisKeys } from './redis-keys.ts';
import type { SharedKeys } from './redis-scripts.ts';

const REVOKED = { revokedAt: '2026-11-30T12:00:00Z', revokedBy: 'root' };

let redis: RunningRedis;

/** A connection of a gateway or a command of its own, which counts its calls. */
const connected = async () => {
  const { client, guarded, close } = await redisConnection(redis.url);
  onTestFinished(() => close());
  const shared = { client, guarded, calls: 0, raw: client };
  const counting: SharedKeys = {
    client,
    guarded: (call) => {
      shared.calls += 1;
      return guarded(call);
    },
  };
  return { ...shared, shared: counting, count: () => shared.calls };
};

const opened = async (shared: SharedKeys, clock: ManualClock, report?: (event: { readonly id: string }) => void) => {
  const keys = await openRedisKeys(shared, clock, report);
  onTestFinished(() => keys.close());
  return keys;
};

/** Advances time to the next read of each gateway, and waits until `done` holds. */
const atNextRead = async (clock: ManualClock, done: () => void): Promise<void> => {
  clock.advance(500);
  await vi.waitFor(done, LONG_WAIT);
};

describe.skipIf(noOwnRedis !== null)(`with Redis (${noOwnRedis ?? 'redis-server'})`, () => {
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.close());
  beforeEach(async () => {
    const { raw } = await connected();
    await raw.flushAll();
  });

  test('a new key and a revocation are in force on two gateways at their next read, half a second later', async () => {
    const clock = manualClock();
    const [one, other] = [issuedKey(), issuedKey()];
    const store = redisKeyStore((await connected()).shared);
    await store.create(one.record);
    const gateways: readonly KeySet[] = await Promise.all(
      [1, 2].map(async () => opened((await connected()).shared, clock)),
    );
    for (const keys of gateways) expect([keys.state, keys.size]).toEqual(['current', 1]);
    await store.create(other.record);
    await atNextRead(clock, () => {
      for (const keys of gateways) expect(keys.find(other.record.id)).toMatchObject({ isRevoked: false });
    });
    await store.revoke(one.record.id, REVOKED);
    await atNextRead(clock, () => {
      for (const keys of gateways) expect(keys.find(one.record.id)).toMatchObject({ isRevoked: true });
    });
  });

  test('unknown, wrong and right keys cost no call of Redis', async () => {
    const { shared, count } = await connected();
    const key = issuedKey();
    await redisKeyStore(shared).create(key.record);
    const keys = await opened(shared, manualClock());
    const before = count();
    for (let at = 0; at < 1_000; at += 1) keys.find(issuedKey().record.id);
    expect([keys.find(key.record.id) === undefined, count() - before, keys.size]).toEqual([false, 0, 1]);
  });

  test('450 keys are read in pages, and by the list of keys', async () => {
    const { shared } = await connected();
    const store = redisKeyStore(shared);
    const issued = Array.from({ length: 450 }, () => issuedKey());
    for (const { record } of issued) await store.create(record);
    const keys = await opened(shared, manualClock());
    expect(keys.size).toBe(450);
    expect((await store.list()).map(({ id }) => id)).toEqual(issued.map(({ record }) => record.id));
  });

  test('concurrent creations and revocations over two connections lose nothing', async () => {
    const stores = [redisKeyStore((await connected()).shared), redisKeyStore((await connected()).shared)];
    const issued = Array.from({ length: 20 }, () => issuedKey());
    const [first] = issued;
    const created = await Promise.all(issued.flatMap(({ record }) => stores.map((store) => store.create(record))));
    expect(created.toSorted()).toEqual([...Array(20).fill('created'), ...Array(20).fill('taken')]);
    const revocations = await Promise.all(
      stores.map((store, at) => store.revoke(first?.record.id ?? '', { ...REVOKED, revokedBy: `${at}` })),
    );
    expect(new Set(revocations.map((one) => one?.record.revokedBy)).size).toBe(1);
    expect(revocations.filter((one) => one?.isChanged)).toHaveLength(1);
    expect(await stores[0]?.list()).toHaveLength(20);
  });

  test('a deleted key is refused, and so is one with a record that is not valid', async () => {
    const clock = manualClock();
    const { shared, raw } = await connected();
    const store = redisKeyStore(shared);
    const [kept, deleted, broken] = [issuedKey(), issuedKey(), issuedKey()];
    for (const { record } of [kept, deleted, broken]) await store.create(record);
    const reported: string[] = [];
    const keys = await opened(shared, clock, ({ id }) => void reported.push(id));
    await raw.hDel('tributary:{api-keys}', deleted.record.id);
    await raw.zRem('tributary:{api-keys}:changes', deleted.record.id);
    // The record of another key, as by a program that may write to Redis but cannot make keys.
    await raw.hSet('tributary:{api-keys}', broken.record.id, JSON.stringify(kept.record));
    await atNextRead(clock, () => expect(keys.find(deleted.record.id)).toBeUndefined());
    await vi.waitFor(() => expect(keys.find(broken.record.id)).toBeUndefined(), LONG_WAIT);
    expect([keys.find(kept.record.id)?.isRevoked, reported]).toEqual([false, [broken.record.id]]);
    expect(await store.revoke(broken.record.id, REVOKED)).toBeNull();
  });

  test('keys outlive a lost Redis for a minute, and are current again after it', async () => {
    const clock = manualClock();
    const { shared } = await connected();
    const { record } = issuedKey();
    await redisKeyStore(shared).create(record);
    let isLost = false;
    const keys = await opened(
      { ...shared, guarded: (call) => (isLost ? Promise.reject(new Error('lost')) : shared.guarded(call)) },
      clock,
    );
    isLost = true;
    const states: string[] = [];
    for (const ms of [1_000, 1, 58_999, 1]) {
      clock.advance(ms);
      states.push(keys.state);
    }
    expect(states).toEqual(['current', 'outdated', 'outdated', 'unavailable']);
    expect(keys.find(record.id)).toBeDefined();
    isLost = false;
    await vi.waitFor(() => {
      clock.advance(500);
      expect(keys.state).toBe('current');
    }, LONG_WAIT);
  });

  test('a change that follows the loss of all changes in Redis is read', async () => {
    const clock = manualClock();
    const { shared, raw } = await connected();
    const store = redisKeyStore(shared);
    const [lost, later] = [issuedKey(), issuedKey()];
    await store.create(lost.record);
    const keys = await opened(shared, clock);
    await raw.flushAll();
    await store.create(later.record);
    await atNextRead(clock, () => expect(keys.find(later.record.id)).toBeDefined());
    clock.advance(59_500);
    await vi.waitFor(() => expect(keys.find(lost.record.id)).toBeUndefined(), LONG_WAIT);
  });
});

test('without an answer at the start no key can be verified, and nothing is left running after the end', async () => {
  const clock = manualClock();
  const reject = () => Promise.reject(new Error(randomUUID()));
  const keys = await openRedisKeys({ client: { eval: reject }, guarded: reject }, clock);
  expect([keys.state, keys.size]).toEqual(['unavailable', 0]);
  keys.close();
  expect(clock.pending).toBe(0);
});
