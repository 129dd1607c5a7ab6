import { z } from 'zod';
import type { KeyRecord } from './key-record.ts';
import { MAX_KEYS } from './key-set.ts';
import { type KeyStore, revoked } from './key-store.ts';
import { changesAfter, readRecord } from './redis-changes.ts';
import { CREATE, FIND, REPLACE, runScript, type SharedKeys } from './redis-scripts.ts';

const Created = z.enum(['created', 'taken', 'full']);
const Found = z.string().nullable();
/** Attempts of a change that collides with others. */
const MAX_ATTEMPTS = 10;

/** Opens the keys in Redis for changes. `close` ends the connection. */
export const redisKeyStore = (redis: SharedKeys, close: () => Promise<void> = async () => {}): KeyStore => ({
  list: async () => {
    const records: KeyRecord[] = [];
    for (let since = '0'; ; ) {
      const page = await changesAfter(redis, since);
      records.push(...page.changes.flatMap(({ record }) => record ?? []));
      if (page.isLast) return records;
      since = page.last;
    }
  },
  create: async (record) =>
    Created.parse(await runScript(redis, CREATE, record.id, JSON.stringify(record), String(MAX_KEYS))),
  revoke: async (id, by) => {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const text = Found.parse(await runScript(redis, FIND, id));
      const found = readRecord(id, text);
      if (text === null || found === null) return null;
      const next = revoked(found, by);
      // Another command may have changed the record since it was read.
      if (!next.isChanged || (await runScript(redis, REPLACE, id, JSON.stringify(next.record), text)) === 1)
        return next;
    }
    throw new Error('The key is changed by other commands: try again.');
  },
  close,
});
