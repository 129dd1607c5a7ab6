import type { ApiKeyHolder } from '../../request/principal.ts';
import { type KeyRecord, keyValidity } from './key-record.ts';

/** Maximum number of keys of a store. One takes about 1 KB of memory. */
export const MAX_KEYS = 100_000;

/** A key in memory, prepared for verification. */
export interface KnownApiKey extends ReturnType<typeof keyValidity> {
  readonly digest: Buffer;
  /** One object for all requests with this key. */
  readonly principal: ApiKeyHolder;
}

/** Prepares a record for verification. */
export const knownApiKey = (record: KeyRecord): KnownApiKey => {
  const { id, hash, owner, scopes, roles, plan } = record;
  const validity = keyValidity(record);
  return {
    ...validity,
    digest: Buffer.from(hash, 'base64url'),
    principal: Object.freeze({
      kind: 'api-key',
      subject: id,
      issuer: 'api-key',
      owner,
      scopes: Object.freeze([...scopes]),
      roles: Object.freeze([...roles]),
      ...(plan !== undefined && { plan }),
      ...(Number.isFinite(validity.expiresAt) && { expiresAt: validity.expiresAt }),
    }),
  };
};

/**
 * Age of the keys in memory. `current`: as in the store, at most one second ago. `outdated`: the store does not answer, and
 * the keys are still used. `unavailable`: they are too old, or there are none yet.
 */
export type KeySetState = 'current' | 'outdated' | 'unavailable';

/** All keys of a store, in memory: a request waits for no store, and unknown keys cost no call of one. */
export interface KeySet {
  find(id: string): KnownApiKey | undefined;
  /** Returns the key with this id, or another one for an unknown id: both take the same steps and read as much memory. */
  nearest(id: string): KnownApiKey | undefined;
  readonly size: number;
  readonly state: KeySetState;
  /** Ends the updates. */
  close(): void;
}
