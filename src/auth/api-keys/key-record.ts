import { z } from 'zod';
import { KEY_ID } from './key-text.ts';

/** RFC 6749, 3.3: characters of a scope. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/;
// Without control characters, which would forge lines of tables and logs.
const LINE = /^[^\p{Cc}\u2028\u2029]{1,200}$/u;
const PLAN = /^[\w.-]{1,64}$/;
const MAX_RIGHTS = 100;

const scopes = z
  .array(z.string().regex(SCOPE, 'must be visible ASCII characters without space, " and \\'))
  .max(MAX_RIGHTS);
const line = z.string().regex(LINE, 'must have 1 to 200 characters in one line');
const time = z.iso.datetime('must be a time in UTC such as 2026-11-30T12:00:00Z');

/** A stored key. It contains no secret: `hash` is the SHA-256 of the key in base64url. */
export const KeyRecord = z.strictObject({
  id: z.string().regex(KEY_ID, 'must have 12 letters and digits'),
  hash: z.string().regex(/^[\w-]{43}$/, 'must have 43 characters of base64url'),
  name: line.optional(),
  /** The person, team or customer that the key was issued to. */
  owner: line,
  scopes,
  roles: scopes,
  plan: z.string().regex(PLAN, 'must have 1 to 64 letters, digits, "_", "." and "-"').optional(),
  createdAt: time,
  /** User of the system that ran the command. */
  createdBy: line.optional(),
  /** The key is not valid before. Default: valid immediately. */
  notBefore: time.optional(),
  /** The key is not valid from then on. Default: valid until it is revoked. */
  expiresAt: time.optional(),
  revokedAt: time.optional(),
  revokedBy: line.optional(),
});

export type KeyRecord = Readonly<z.infer<typeof KeyRecord>>;

export const KEY_STATES = ['active', 'not-yet', 'expired', 'revoked'] as const;

/** State of a key at a time; only an active one is accepted. */
export type KeyState = (typeof KEY_STATES)[number];

interface Validity {
  readonly isRevoked: boolean;
  /** In milliseconds since 1970; infinite for no limit. */
  readonly notBefore: number;
  readonly expiresAt: number;
}

/** The validity of a record, with times as numbers. */
export const keyValidity = ({ notBefore, expiresAt, revokedAt }: KeyRecord): Validity => ({
  isRevoked: revokedAt !== undefined,
  notBefore: notBefore === undefined ? Number.NEGATIVE_INFINITY : Date.parse(notBefore),
  expiresAt: expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(expiresAt),
});

/** State at `now`, in milliseconds since 1970. */
export const keyState = ({ isRevoked, notBefore, expiresAt }: Validity, now: number): KeyState => {
  if (isRevoked) return 'revoked';
  if (now >= expiresAt) return 'expired';
  return now < notBefore ? 'not-yet' : 'active';
};
