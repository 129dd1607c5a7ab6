import { createReadStream } from 'node:fs';
import { z } from 'zod';
import { KeyRecord } from './key-record.ts';
import { MAX_KEYS } from './key-set.ts';

const MAX_BYTES = 64 * 1_048_576;

const KeyFile = z.strictObject({
  version: z.literal(1),
  keys: z.array(KeyRecord).max(MAX_KEYS),
});

/** @throws Error with the first faults, without content */
export const parseKeyFile = (text: string): readonly KeyRecord[] => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The message of JSON.parse repeats a part of the text.
    throw new Error('is not JSON');
  }
  const read = KeyFile.safeParse(value);
  if (!read.success) {
    const faults = read.error.issues.slice(0, 3).map(({ path, message }) => `${path.join('.') || 'it'} ${message}`);
    throw new Error(`is not a file of API keys: ${faults.join('; ')}`);
  }
  const { keys } = read.data;
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw new Error('has two keys with one id');
  return keys;
};

/** The text of a file, one key a line, for diffs and backups. */
export const formatKeyFile = (keys: readonly KeyRecord[]): string =>
  `{"version":1,"keys":[\n${keys.map((key) => JSON.stringify(key)).join(',\n')}\n]}\n`;

/** Reads a file of keys. @throws Error, of which `keyFileFault` returns the reason */
export const readKeyFile = async (path: string): Promise<readonly KeyRecord[]> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of createReadStream(path)) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error(`has more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return parseKeyFile(Buffer.concat(chunks).toString());
};

/** Reason of a failed reading or writing, without the path and without content. */
export const keyFileFault = (error: unknown): string => {
  if (!(error instanceof Error)) return 'cannot be read';
  return 'code' in error && typeof error.code === 'string' ? `cannot be read (${error.code})` : error.message;
};
