import { createLocalJWKSet, importJWK, type JWK } from 'jose';
import { z } from 'zod';
import { ALGORITHMS } from './token-form.ts';

/** Finds the key for a token's header among those that an issuer has published. */
export type PublishedKeys = ReturnType<typeof createLocalJWKSet>;

const KeySet = z.object({ keys: z.array(z.unknown()) });

const Key = z.looseObject({ kty: z.string(), alg: z.string().exactOptional(), crv: z.string().exactOptional() });

const MIN_RSA_BITS = 2_048;

const ALGORITHM_OF_CURVE: Readonly<Record<string, string>> = {
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  Ed25519: 'EdDSA',
};

const usable = async (value: unknown): Promise<JWK[]> => {
  const { data: key } = Key.safeParse(value);
  if (key === undefined) return [];
  const algorithm = key.alg ?? (key.kty === 'RSA' ? 'RS256' : ALGORITHM_OF_CURVE[key.crv ?? '']);
  if (algorithm === undefined || !ALGORITHMS.includes(algorithm)) return [];
  try {
    const imported = await importJWK(key, algorithm);
    if (imported instanceof Uint8Array || imported.type !== 'public') return [];
    const { modulusLength = MIN_RSA_BITS } = z
      .object({ modulusLength: z.number().optional() })
      .parse(imported.algorithm);
    return modulusLength < MIN_RSA_BITS ? [] : [key];
  } catch {
    // Not a key that we can use; others in the set may be.
    return [];
  }
};

/**
 * Reads a JWK Set (RFC 7517), leaving out what is no public key for one of our algorithms.
 *
 * @throws Error where nothing is left
 */
export const publishedKeys = async (json: unknown): Promise<PublishedKeys> => {
  const { data } = KeySet.safeParse(json);
  if (data === undefined) throw new Error('not a JWK Set');
  const keys = (await Promise.all(data.keys.map(usable))).flat();
  if (keys.length === 0) throw new Error('a JWK Set without a usable key');
  return createLocalJWKSet({ keys });
};
