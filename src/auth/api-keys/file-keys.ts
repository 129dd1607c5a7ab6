import { watchedFiles } from '../../config/certificates/watched-files.ts';
import type { Clock } from '../../core/clock.ts';
import { keyFileFault, readKeyFile } from './key-file.ts';
import type { KeyRecord } from './key-record.ts';
import { type KeySet, type KnownApiKey, knownApiKey } from './key-set.ts';
import { type KeyTable, keyTable } from './key-table.ts';

/** A change of the file, for operators. Contains no key. */
export type KeyFileEvent =
  | { readonly is: 'reloaded'; readonly file: string; readonly keys: number }
  /** The last valid keys stay in use. Reported once, until the file is valid again. */
  | { readonly is: 'invalid'; readonly file: string; readonly reason: string };

interface KeysOfFile {
  /** To find changes. */
  readonly records: string;
  readonly known: KeyTable<KnownApiKey>;
}

const prepared = (records: readonly KeyRecord[]): KeysOfFile => ({
  records: JSON.stringify(records),
  known: keyTable(new Map(records.map((record) => [record.id, knownApiKey(record)]))),
});

/** The keys of a file. `fault` is that of its present content; null if it is in use. */
export interface FileKeys extends KeySet {
  fault(): string | null;
}

/**
 * Opens the keys of a file, which is read again after each change, as files of certificates are: written in place,
 * replaced, or a link that is swapped. A file that cannot be used changes nothing.
 *
 * @throws Error with the reason for which the file cannot be used at the start
 */
export const openFileKeys = async (
  path: string,
  clock: Clock,
  report: (event: KeyFileEvent) => void = () => {},
): Promise<FileKeys> => {
  const read = async (): Promise<KeysOfFile> => {
    try {
      return prepared(await readKeyFile(path));
    } catch (error) {
      throw new Error(keyFileFault(error), { cause: error });
    }
  };
  const watched = watchedFiles({
    initial: await read(),
    paths: [path],
    read,
    isSame: (one, other) => one.records === other.records,
    clock,
    report: (event) =>
      report(event.is === 'reloaded' ? { ...event, file: path, keys: size() } : { ...event, file: path }),
  });
  const size = (): number => watched.current().known.size;
  return {
    find: (id) => watched.current().known.get(id),
    nearest: (id) => watched.current().known.nearest(id),
    get size() {
      return size();
    },
    state: 'current',
    fault: () => watched.fault(),
    close: () => watched.close(),
  };
};
