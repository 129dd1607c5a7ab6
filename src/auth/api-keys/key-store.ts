import type { KeyRecord } from './key-record.ts';

/** Time and user of a revocation. */
export type RevokedBy = Pick<KeyRecord, 'revokedAt' | 'revokedBy'>;

/** A revoked key. `isChanged` is false if it was revoked before. */
export interface Revocation {
  readonly record: KeyRecord;
  readonly isChanged: boolean;
}

/** A store of keys, for the commands that change it. Every change is atomic: concurrent commands lose none. */
export interface KeyStore {
  list(): Promise<readonly KeyRecord[]>;
  /** `taken` if there is a key with this id, `full` if the store has the maximum number of keys. */
  create(record: KeyRecord): Promise<'created' | 'taken' | 'full'>;
  /** Marks a key as revoked. A key that is revoked already is not changed. Null for an unknown id. */
  revoke(id: string, by: RevokedBy): Promise<Revocation | null>;
  close(): Promise<void>;
}

/** The record after a revocation. A revoked one keeps its first revocation. */
export const revoked = (record: KeyRecord, by: RevokedBy): Revocation =>
  record.revokedAt === undefined ? { record: { ...record, ...by }, isChanged: true } : { record, isChanged: false };
