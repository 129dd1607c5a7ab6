import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose';

/** A key that signs internal tokens. */
export interface SigningKey {
  readonly key: KeyObject;
  readonly algorithm: 'ES256' | 'EdDSA';
  /** RFC 7638: the SHA-256 thumbprint of the public key, so that a key has the same id in every gateway. */
  readonly id: string;
  /** The public part, as it is published. */
  readonly published: JWK;
}

/** The keys of a file: the first one signs, all are published. */
export interface SigningKeys {
  readonly first: SigningKey;
  readonly all: readonly SigningKey[];
}

const PRIVATE_KEY = /-----BEGIN ((?:[A-Z]+ )*)PRIVATE KEY-----[\s\S]+?-----END \1PRIVATE KEY-----/g;
const MAX_KEYS = 10;
const USE = 'use keys of P-256 (openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256) or Ed25519';

const algorithmOf = ({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): SigningKey['algorithm'] | null => {
  if (asymmetricKeyType === 'ed25519') return 'EdDSA';
  return asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1' ? 'ES256' : null;
};

/** @throws Error without a part of the key */
const privateKeyOf = (pem: string, number: number): KeyObject => {
  if (pem.includes('ENCRYPTED')) throw new Error(`has an encrypted private key (number ${number}): decrypt it`);
  try {
    return createPrivateKey(pem);
  } catch {
    // OpenSSL's message may have parts of its input.
    throw new Error(`has a private key that cannot be read (number ${number}): replace it`);
  }
};

const signingKeyOf = async (pem: string, number: number): Promise<SigningKey> => {
  const key = privateKeyOf(pem, number);
  const algorithm = algorithmOf(key);
  if (algorithm === null) throw new Error(`has a private key of another type (number ${number}): ${USE}`);
  const jwk = await exportJWK(createPublicKey(key));
  const id = await calculateJwkThumbprint(jwk);
  return { key, algorithm, id, published: { ...jwk, kid: id, alg: algorithm, use: 'sig' } };
};

/**
 * Reads the keys of a PEM text in PKCS#8, in their order.
 *
 * @throws Error with the fault and its fix: the end of a sentence that begins with the name of the file; never with a part
 * of a key
 */
export const readSigningKeys = async (text: string): Promise<SigningKeys> => {
  const blocks = text.match(PRIVATE_KEY) ?? [];
  if (blocks.length > MAX_KEYS) throw new Error(`has more than ${MAX_KEYS} private keys: remove the oldest`);
  const all: SigningKey[] = [];
  for (const [at, pem] of blocks.entries()) all.push(await signingKeyOf(pem, at + 1));
  const [first] = all;
  if (first === undefined) throw new Error(`has no private key in PEM format: ${USE}`);
  if (new Set(all.map(({ id }) => id)).size < all.length) throw new Error('has a private key twice: remove one');
  return { first, all };
};

export const isSameKeys = (one: SigningKeys, other: SigningKeys): boolean =>
  one.all.length === other.all.length && one.all.every(({ id }, at) => id === other.all[at]?.id);

/** The JWK Set (RFC 7517, 5) of the public keys, as JSON. */
export const publishedSet = ({ all }: SigningKeys): string =>
  JSON.stringify({ keys: all.map(({ published }) => published) });
