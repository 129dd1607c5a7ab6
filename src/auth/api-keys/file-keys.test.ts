import { chmodSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { issuedKey } from '../../../test/support/auth/api-keys.ts';
import { folderWith } from '../../../test/support/modules/module-folder.ts';
import { systemClock } from '../../core/clock.ts';
import { fileKeyStore } from './file-key-store.ts';
import { type KeyFileEvent, openFileKeys } from './file-keys.ts';
import { formatKeyFile, parseKeyFile } from './key-file.ts';

const WAIT = { timeout: 60_000, interval: 20 };
const REVOKED = { revokedAt: '2026-11-30T12:00:00Z', revokedBy: 'root' };

const emptyPath = (): string => join(folderWith({}), 'keys.json');

test('a key that is created, and one that is revoked, is seen without a restart', async () => {
  const path = emptyPath();
  const store = fileKeyStore(path, systemClock);
  const [one, two] = [issuedKey(), issuedKey()];
  await store.create(one.record);
  const events: KeyFileEvent[] = [];
  const keys = await openFileKeys(path, systemClock, (event) => void events.push(event));
  onTestFinished(() => keys.close());
  expect([keys.size, keys.find(two.record.id)]).toEqual([1, undefined]);
  await store.create(two.record);
  await vi.waitFor(() => expect(keys.find(two.record.id)).toBeDefined(), WAIT);
  await store.revoke(one.record.id, REVOKED);
  await vi.waitFor(() => expect(keys.find(one.record.id)).toMatchObject({ isRevoked: true }), WAIT);
  expect(events.at(-1)).toEqual({ is: 'reloaded', file: path, keys: 2 });
});

test('a broken file keeps the last keys and is reported, until it is valid again', async () => {
  const { record } = issuedKey();
  const path = emptyPath();
  writeFileSync(path, formatKeyFile([record]));
  const events: KeyFileEvent[] = [];
  const keys = await openFileKeys(path, systemClock, (event) => void events.push(event));
  onTestFinished(() => keys.close());
  writeFileSync(path, '{"version":1,"keys":[');
  await vi.waitFor(() => expect(keys.fault()).toBe('is not JSON'), WAIT);
  expect(keys.find(record.id)).toBeDefined();
  writeFileSync(path, formatKeyFile([]));
  await vi.waitFor(() => expect(keys.find(record.id)).toBeUndefined(), WAIT);
  expect(keys.fault()).toBeNull();
});

test('50 concurrent creations lose no key, and leave no lock and no draft', async () => {
  const path = emptyPath();
  const issued = Array.from({ length: 50 }, () => issuedKey());
  const results = await Promise.all(issued.map(({ record }) => fileKeyStore(path, systemClock).create(record)));
  expect(new Set(results)).toEqual(new Set(['created']));
  const ids = (await fileKeyStore(path, systemClock).list()).map(({ id }) => id);
  expect(ids.toSorted()).toEqual(issued.map(({ record }) => record.id).toSorted());
  expect(readdirSync(join(path, '..'))).toEqual(['keys.json']);
});

test('a new file is readable for its owner only, and another mode of a known one is kept', async () => {
  const path = emptyPath();
  const store = fileKeyStore(path, systemClock);
  await store.create(issuedKey().record);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  chmodSync(path, 0o640);
  await store.create(issuedKey().record);
  expect(statSync(path).mode & 0o777).toBe(0o640);
});

test('a link to the file stays a link', async () => {
  const path = emptyPath();
  const link = join(folderWith({}), 'link.json');
  const store = fileKeyStore(path, systemClock);
  await store.create(issuedKey().record);
  symlinkSync(path, link);
  await fileKeyStore(link, systemClock).create(issuedKey().record);
  expect([(await store.list()).length, readdirSync(join(path, '..'))]).toEqual([2, ['keys.json']]);
});

test('a broken file is not overwritten, and a lock that is left over is named', async () => {
  const path = emptyPath();
  writeFileSync(path, 'broken');
  await expect(fileKeyStore(path, systemClock).create(issuedKey().record)).rejects.toThrow('is not JSON');
  expect(readFileSync(path, 'utf8')).toBe('broken');
  expect(readdirSync(join(path, '..'))).toEqual(['keys.json']);
  rmSync(path);
  writeFileSync(`${path}.lock`, '');
  let now = 0;
  const clock = { ...systemClock, now: () => (now += 1_000) };
  await expect(fileKeyStore(path, clock).create(issuedKey().record)).rejects.toThrow(`remove ${path}.lock`);
});

test('an id is created once, and a revocation is not changed by a second one', async () => {
  const store = fileKeyStore(emptyPath(), systemClock);
  const { record } = issuedKey();
  expect([await store.create(record), await store.create(record)]).toEqual(['created', 'taken']);
  expect(await store.revoke(record.id, REVOKED)).toEqual({
    record: { ...record, ...REVOKED },
    isChanged: true,
  });
  expect(await store.revoke(record.id, { ...REVOKED, revokedBy: 'other' })).toEqual({
    record: { ...record, ...REVOKED },
    isChanged: false,
  });
  expect(await store.revoke('0'.repeat(12), REVOKED)).toBeNull();
});

const { record } = issuedKey();

test.each([
  ['no JSON', '{"keys"', 'is not JSON'],
  ['another version', '{"version":2,"keys":[]}', 'version'],
  ['an unknown field', JSON.stringify({ version: 1, keys: [{ ...record, secret: 'canary' }] }), 'keys.0'],
  ['a short hash', JSON.stringify({ version: 1, keys: [{ ...record, hash: 'canary' }] }), 'keys.0.hash'],
  ['a name with a line end', JSON.stringify({ version: 1, keys: [{ ...record, name: 'canary\n' }] }), 'keys.0.name'],
  ['two keys with one id', formatKeyFile([record, record]), 'has two keys with one id'],
])('a file with %s is refused, without its content', (_what, text, message) => {
  const fault = (() => {
    try {
      parseKeyFile(text);
    } catch (error) {
      return error instanceof Error ? error.message : '';
    }
    return 'accepted';
  })();
  expect(fault).toContain(message);
  expect(fault).not.toContain('canary');
});
