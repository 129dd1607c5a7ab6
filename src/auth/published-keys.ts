import { createLocalJWKSet, importJWK, type JWK } from 'jose';
import { z } from 'zod';
import { ALGORITHMS } from './token-form.ts';
import { weaknessOf } from './weak-keys.ts';

/** Finds the key for a token's header among those that an issuer has published. */
export type PublishedKeys = ReturnType<typeof createLocalJWKSet>;

const KeySet = z.object({ keys: z.array(z.unknown()) });

const Key = z.looseObject({ kty: z.string(), alg: z.string().exactOptional(), crv: z.string().exactOptional() });

const ALGORITHM_OF_CURVE: Readonly<Record<string, string>> = {
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  Ed25519: 'EdDSA',
};

/** A key of a set that is left out although it is one for our algorithms. */
export type ReportWeakKey = (key: { readonly kid: string | undefined; readonly reason: string }) => void;

const usable = async (value: unknown, report: ReportWeakKey): Promise<JWK[]> => {
  const { data: key } = Key.safeParse(value);
  if (key === undefined) return [];
  const algorithm = key.alg ?? (key.kty === 'RSA' ? 'RS256' : ALGORITHM_OF_CURVE[key.crv ?? '']);
  if (algorithm === undefined || !ALGORITHMS.includes(algorithm)) return [];
  try {
    const imported = await importJWK(key, algorithm);
    if (imported instanceof Uint8Array || imported.type !== 'public') return [];
  } catch {
    // Not a key that we can use; others in the set may be.
    return [];
  }
  const reason = weaknessOf(key);
  if (reason === null) return [key];
  report({ kid: z.string().max(256).optional().catch(undefined).parse(key.kid), reason });
  return [];
};

/**
 * Reads a JWK Set (RFC 7517), leaving out all but public keys for our algorithms, and of these the weak ones, which are
 * reported.
 *
 * @throws Error where nothing is left
 */
export const publishedKeys = async (json: unknown, report: ReportWeakKey = () => {}): Promise<PublishedKeys> => {
  const { data } = KeySet.safeParse(json);
  if (data === undefined) throw new Error('not a JWK Set');
  const keys = (await Promise.all(data.keys.map((key) => usable(key, report)))).flat();
  if (keys.length === 0) throw new Error('a JWK Set without a usable key');
  return createLocalJWKSet({ keys });
};
