import { createSecretKey } from 'node:crypto';
import type { JWTVerifyGetKey } from 'jose';
import type { CurrentText } from '../../config/secrets/secret-store.ts';
import type { KeySource } from './key-source.ts';

/**
 * The shared secret of one issuer as its only key. The bytes of a changed file are another key: tokens that were
 * verified with the previous one are verified again.
 */
export const sharedSecretKeys = (secret: CurrentText): KeySource => {
  let known: { readonly text: string; readonly keys: JWTVerifyGetKey } | null = null;
  const current = (): JWTVerifyGetKey => {
    const text = secret.current();
    if (known?.text !== text) {
      const key = createSecretKey(Buffer.from(text));
      known = { text, keys: async () => key };
    }
    return known.keys;
  };
  return {
    keys: async () => current(),
    newerThan: async (keys) => {
      const now = current();
      return now === keys ? null : now;
    },
    close: () => {},
  };
};
