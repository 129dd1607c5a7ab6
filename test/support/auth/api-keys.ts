import type { KeyRecord } from '../../../src/auth/api-keys/key-record.ts';
import { type KeySet, knownApiKey } from '../../../src/auth/api-keys/key-set.ts';
import { keyTable } from '../../../src/auth/api-keys/key-table.ts';
import { keyDigest, newKey } from '../../../src/auth/api-keys/key-text.ts';

export interface IssuedKey {
  readonly text: string;
  readonly record: KeyRecord;
}

/** A new key with its record. */
export const issuedKey = (more: Partial<KeyRecord> = {}): IssuedKey => {
  const { id, text } = newKey();
  const hash = keyDigest(text).toString('base64url');
  const common = { owner: 'team', scopes: [], roles: [], createdAt: '2026-01-01T00:00:00Z' };
  return { text, record: { id, hash, ...common, ...more } };
};

/** Keys that do not change. */
export const fixedKeys = (issued: readonly IssuedKey[], state: KeySet['state'] = 'current'): KeySet => {
  const known = keyTable(new Map(issued.map(({ record }) => [record.id, knownApiKey(record)])));
  return { find: (id) => known.get(id), nearest: (id) => known.nearest(id), size: known.size, state, close: () => {} };
};
