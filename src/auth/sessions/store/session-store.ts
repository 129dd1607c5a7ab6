/** The sessions cannot be read or written now. */
export class SessionsUnavailableError extends Error {
  override readonly name = 'SessionsUnavailableError';
}

/**
 * Expiring texts that all replicas share. Unlike a cache, it never answers as if it were empty: every method rejects
 * with a SessionsUnavailableError while the store does not answer.
 */
export interface SessionStore {
  /** Returns the text of a key and lets it live for `ttlMs` from now; null for none. */
  touch(key: string, ttlMs: number): Promise<string | null>;
  /** Stores a text under a key without one. Returns false if the key has one. */
  add(key: string, text: string, ttlMs: number): Promise<boolean>;
  /** Replaces the text `expected`. Returns false if the key has another one, or none. */
  replace(key: string, expected: string, text: string, ttlMs: number): Promise<boolean>;
  /** Removes a key and returns its text: of several callers, one receives it. Null for none. */
  take(key: string): Promise<string | null>;
  /** Removes the text `expected`, and no other. */
  release(key: string, expected: string): Promise<void>;
  /**
   * Adds a member to a list for `ttlMs`. Returns the oldest members beyond `max`. They stay until `unlink`, so that a
   * caller that fails in between finds them again.
   */
  link(list: string, member: string, ttlMs: number, max: number): Promise<readonly string[]>;
  /** Returns the members of a list that have not expired. */
  members(list: string): Promise<readonly string[]>;
  /** Removes members from a list. */
  unlink(list: string, members: readonly string[]): Promise<void>;
}
