import { z } from 'zod';
import { KeyRecord } from './key-record.ts';
import { CHANGES, runScript, type SharedKeys } from './redis-scripts.ts';

/** Records of one call. Redis answers nobody else while it reads them. */
const PAGE = 200;

const Changes = z.tuple([z.string(), z.number(), z.array(z.string()), z.array(z.string().nullable())]);

/** A changed key; the record is null if it cannot be read. */
export interface KeyChange {
  readonly id: string;
  readonly record: KeyRecord | null;
}

/** A page of changes. */
export interface KeyChanges {
  readonly changes: readonly KeyChange[];
  /** Score of the last one, from which the next page continues. */
  readonly last: string;
  /** Number of all keys. */
  readonly count: number;
  readonly isLast: boolean;
}

/** Reads the text of a record; null for one that is invalid or has another id. */
export const readRecord = (id: string, text: string | null): KeyRecord | null => {
  try {
    const read = KeyRecord.safeParse(JSON.parse(text ?? ''));
    return read.success && read.data.id === id ? read.data : null;
  } catch {
    return null;
  }
};

/** Reads the changes after a score; `0` is before all. @throws if Redis does not answer */
export const changesAfter = async (redis: SharedKeys, since: string): Promise<KeyChanges> => {
  const [last, count, ids, texts] = Changes.parse(await runScript(redis, CHANGES, since, String(PAGE)));
  const changes = ids.map((id, at) => ({ id, record: readRecord(id, texts[at] ?? null) }));
  return { changes, last, count, isLast: ids.length < PAGE };
};
