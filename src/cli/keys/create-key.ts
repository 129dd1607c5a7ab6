import { KeyRecord } from '../../auth/api-keys/key-record.ts';
import { MAX_KEYS } from '../../auth/api-keys/key-set.ts';
import type { KeyStore } from '../../auth/api-keys/key-store.ts';
import { type KeyText, keyDigest, newKey } from '../../auth/api-keys/key-text.ts';
import { CommandFailure, UsageError } from '../command/exit-code.ts';

/** Values of the options of `keys create`. */
export interface NewKeyOptions {
  readonly owner: string | undefined;
  readonly name: string | undefined;
  readonly scope: readonly string[];
  readonly role: readonly string[];
  readonly plan: string | undefined;
  readonly 'expires-in': string;
  readonly 'not-before': string | undefined;
}

export interface CreatedKey {
  readonly key: KeyText;
  readonly record: KeyRecord;
}

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Time without milliseconds, in UTC. */
const isoTime = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');

const expiryOf = (text: string, now: number): string | undefined => {
  if (text === 'never') return undefined;
  const [, count = '', unit = ''] = /^([1-9]\d{0,5})([mhd])$/.exec(text) ?? [];
  const ms = Number(count) * (UNITS_MS[unit] ?? Number.NaN);
  if (!(ms > 0)) throw new UsageError(`--expires-in must be a time such as 90d, 12h or 30m, or never, not ${text}`);
  return isoTime(now + ms);
};

const timeOf = (text: string): string => {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new UsageError(`--not-before must be a time such as 2026-12-01T00:00:00Z, not ${text}`);
  return isoTime(ms);
};

const OPTIONS: Readonly<Record<string, string>> = { scopes: 'scope', roles: 'role' };

/** The record of a key. @throws UsageError for an invalid option */
const recordOf = (key: KeyText, options: NewKeyOptions, createdBy: string, now: number): KeyRecord => {
  const { owner, name, scope, role, plan } = options;
  if (owner === undefined)
    throw new UsageError('--owner is missing: set the person, team or customer that gets the key');
  const read = KeyRecord.safeParse({
    id: key.id,
    hash: keyDigest(key.text).toString('base64url'),
    name,
    owner,
    // Words of one option, too: `--scope "a b"`, as in the claim of a token.
    scopes: scope.flatMap((words) => words.split(' ').filter((word) => word !== '')),
    roles: role,
    plan,
    createdAt: isoTime(now),
    createdBy,
    notBefore: options['not-before'] === undefined ? undefined : timeOf(options['not-before']),
    expiresAt: expiryOf(options['expires-in'], now),
  });
  if (read.success) return read.data;
  const [{ path, message } = { path: [], message: 'is invalid' }] = read.error.issues;
  const field = String(path[0]);
  throw new UsageError(`--${OPTIONS[field] ?? field} ${message}`);
};

/** Creates a key in the store. @throws UsageError for an invalid option, CommandFailure if the store is full */
export const createKey = async (
  store: KeyStore,
  options: NewKeyOptions,
  createdBy: string,
  now: number,
): Promise<CreatedKey> => {
  const key = newKey();
  const record = recordOf(key, options, createdBy, now);
  const result = await store.create(record);
  if (result === 'full') throw new CommandFailure(`The store has ${MAX_KEYS} keys, which is the maximum.`);
  // 71 random bits: two equal ids are a defect of the random numbers.
  if (result === 'taken') throw new CommandFailure('The id of the new key exists already. Try again.');
  return { key, record };
};
