import type { KeyRecord } from '../../auth/api-keys/key-record.ts';
import { CommandFailure, UsageError } from '../command/exit-code.ts';

const MIN_LENGTH = 4;
const MAX_SHOWN = 5;

/** The id in an argument: an id or its beginning, with or without `tby_`, or a whole key, as found in a log. */
const idIn = (text: string): string => /^(?:tby_)?([\dA-Za-z]{4,12})(?:_[\dA-Za-z]*)?$/.exec(text)?.[1] ?? '';

/**
 * Finds the key of an argument. @throws UsageError for another form, CommandFailure for an unknown key and for the
 * beginning of several ids. No message repeats the argument, which may be a whole key.
 */
export const findKey = (records: readonly KeyRecord[], text: string | undefined): KeyRecord => {
  if (text === undefined) throw new UsageError('The key is missing: add its id, which `keys list` prints');
  const id = idIn(text);
  if (id === '') throw new UsageError(`The key must be an id, or its first ${MIN_LENGTH} characters or more`);
  const found = records.filter((record) => record.id.startsWith(id));
  const [only] = found;
  if (only === undefined) throw new CommandFailure(`No key with the id ${id}.`);
  if (found.length === 1) return only;
  const ids = found.slice(0, MAX_SHOWN).map((record) => record.id);
  throw new CommandFailure(`${found.length} ids begin with ${id}: ${ids.join(', ')}. Use more characters.`);
};
