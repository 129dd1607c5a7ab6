import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { formatKeyFile, readKeyFile } from './key-file.ts';
import type { KeyRecord } from './key-record.ts';
import { MAX_KEYS } from './key-set.ts';
import { type KeyStore, type Revocation, revoked } from './key-store.ts';

/** Only the owner may read a new file. */
const MODE = 0o600;
const LOCK_WAIT_MS = 25;
const LOCK_TIMEOUT_MS = 10_000;

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

/** The record of an absent file is null. */
const orNull = <Value>(value: Promise<Value>): Promise<Value | null> =>
  value.catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  });

const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(ms, resolve);
  });

const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Replaces the file by a complete one: readers see the old keys or the new ones, and a crash leaves one of both. */
const replaceFile = async (path: string, text: string): Promise<void> => {
  const known = await orNull(stat(path));
  const draft = `${path}.${randomUUID()}.tmp`;
  const handle = await open(draft, 'wx', MODE);
  try {
    // A file that was made readable for the gateway's user stays so.
    if (known !== null) await handle.chmod(known.mode & 0o777);
    await handle.writeFile(text);
    await handle.sync();
    await handle.close();
    await rename(draft, path);
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(draft, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
};

/**
 * Opens a file of keys for changes. A file that does not exist is created by the first key, with the mode 0600. Changes
 * hold the lock `<path>.lock`.
 */
export const fileKeyStore = (path: string, clock: Clock): KeyStore => {
  // The lock and the draft are next to the file itself, not to a link to it.
  const ownPath = async (): Promise<string> => (await orNull(realpath(path))) ?? path;
  const recordsOf = async (file: string): Promise<readonly KeyRecord[]> => (await orNull(readKeyFile(file))) ?? [];

  const lock = async (file: string): Promise<FileHandle> => {
    const until = clock.now() + LOCK_TIMEOUT_MS;
    for (;;) {
      try {
        return await open(file, 'wx', MODE);
      } catch (error) {
        if (!hasCode(error, 'EEXIST')) throw error;
        if (clock.now() >= until)
          throw new Error(`is locked by another command: if none runs, remove ${file}`, { cause: error });
      }
      await pause(clock, LOCK_WAIT_MS);
    }
  };

  /** Runs a change while no other command changes the file. A change of null writes nothing. */
  const locked = async <Result>(
    change: (records: readonly KeyRecord[]) => readonly [next: readonly KeyRecord[] | null, result: Result],
  ): Promise<Result> => {
    const file = await ownPath();
    const held = await lock(`${file}.lock`);
    try {
      const [next, result] = change(await recordsOf(file));
      if (next !== null) await replaceFile(file, formatKeyFile(next));
      return result;
    } finally {
      await held.close();
      await rm(`${file}.lock`, { force: true });
    }
  };

  return {
    list: async () => recordsOf(await ownPath()),
    create: (record) =>
      locked<'created' | 'taken' | 'full'>((records) => {
        if (records.some(({ id }) => id === record.id)) return [null, 'taken'];
        return records.length >= MAX_KEYS ? [null, 'full'] : [[...records, record], 'created'];
      }),
    revoke: (id, by) =>
      locked<Revocation | null>((records) => {
        const found = records.find((record) => record.id === id);
        if (found === undefined) return [null, null];
        const next = revoked(found, by);
        if (!next.isChanged) return [null, next];
        return [records.map((record) => (record === found ? next.record : record)), next];
      }),
    close: async () => {},
  };
};
