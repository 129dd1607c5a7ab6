import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { CurrentText } from '../../config/secrets/secret-store.ts';
import { readSessionKeys } from '../../config/sessions.ts';

const VERSION = 's1';
const KEY_BYTES = 32;
const ID_BYTES = 6;
/** NIST SP 800-38D, 8.2.2: random nonces of 96 bits, for at most 2^32 values of one key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ALGORITHM = 'aes-256-gcm';

/** The keys of one purpose, derived from a configured key. */
interface DerivedKey {
  /** Names the key in sealed values. Reveals nothing of it. */
  readonly id: string;
  readonly key: Buffer;
}

/** Encryption of values for the store that replicas share. */
export interface Seal {
  /** Encrypts a text with the first key. `place` is the key of the store: the text cannot be opened under another one. */
  seal(place: string, text: string): string;
  /** Returns the text of a sealed value; null for a value of another place, another key or another program. */
  open(place: string, sealed: string): string | null;
}

const derived = (key: Buffer, purpose: string): DerivedKey => {
  const part = (info: string, length: number) =>
    Buffer.from(hkdfSync('sha256', key, '', `tributary ${purpose} ${info}`, length));
  return { id: part('id', ID_BYTES).toString('base64url'), key: part('aes-256-gcm', KEY_BYTES) };
};

/**
 * Encrypts with AES-256-GCM. Each of the keys is expanded by HKDF for this purpose (RFC 5869):
 * the first one encrypts, all decrypt. A changed list applies to the next value.
 */
export const sessionSeal = (keys: CurrentText, purpose: string): Seal => {
  let text = '';
  let all: readonly DerivedKey[] = [];
  const current = (): readonly DerivedKey[] => {
    const now = keys.current();
    if (now !== text) [text, all] = [now, (readSessionKeys(now) ?? []).map((key) => derived(key, purpose))];
    return all;
  };
  return {
    seal: (place, value) => {
      const [first] = current();
      if (first === undefined) throw new Error('The variable with the keys of SESSIONS has no key.');
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, first.key, nonce).setAAD(Buffer.from(place));
      const sealed = Buffer.concat([nonce, cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${VERSION}.${first.id}.${sealed.toString('base64url')}`;
    },
    open: (place, value) => {
      const [version, id, body = ''] = value.split('.');
      const found = version === VERSION ? current().find((key) => key.id === id) : undefined;
      const bytes = Buffer.from(body, 'base64url');
      if (found === undefined || bytes.length < NONCE_BYTES + TAG_BYTES) return null;
      const decipher = createDecipheriv(ALGORITHM, found.key, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString();
      } catch {
        return null;
      }
    },
  };
};
