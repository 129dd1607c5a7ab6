import { createLocalJWKSet, importJWK, type JWK, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { ALGORITHMS } from '../tokens/algorithms.ts';
import { weaknessOf } from './weak-keys.ts';

const KeySet = z.object({ keys: z.array(z.unknown()) });

const Key = z.looseObject({ kty: z.string(), alg: z.string().exactOptional(), crv: z.string().exactOptional() });

const ALGORITHM_OF_CURVE: Readonly<Record<string, string>> = {
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  Ed25519: 'EdDSA',
};

/** Reports a key with a supported algorithm that is refused as weak. */
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
    // Skip an unusable key: others in the set may be usable.
    return [];
  }
  const reason = weaknessOf(key);
  if (reason === null) return [key];
  report({ kid: z.string().max(256).optional().catch(undefined).parse(key.kid), reason });
  return [];
};

/**
 * Reads a JWK Set (RFC 7517). Only public keys of supported algorithms are used; weak ones among them are dropped and
 * reported.
 *
 * @throws Error for a set without a usable key
 */
export const publishedKeys = async (json: unknown, report: ReportWeakKey = () => {}): Promise<JWTVerifyGetKey> => {
  const { data } = KeySet.safeParse(json);
  if (data === undefined) throw new Error('not a JWK Set');
  const keys = (await Promise.all(data.keys.map((key) => usable(key, report)))).flat();
  if (keys.length === 0) throw new Error('no usable key in the JWK Set');
  return createLocalJWKSet({ keys });
};
