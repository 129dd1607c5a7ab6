/** Algorithms of signatures with a shared secret, with the minimum of its bytes (RFC 7518, 3.2). */
export const HMAC_BYTES = { HS256: 32, HS384: 48, HS512: 64 } as const;

export type HmacAlgorithm = keyof typeof HMAC_BYTES;

export const HMAC_ALGORITHMS: readonly string[] = Object.keys(HMAC_BYTES);

export const isHmac = (algorithm: string): algorithm is HmacAlgorithm => Object.hasOwn(HMAC_BYTES, algorithm);

/** Returns the fault of a secret for signatures, without a part of it; null for a valid one. */
export const sharedSecretFault = (text: string, algorithm: HmacAlgorithm): string | null => {
  // A public key is no secret: the clients of its issuer can sign with it.
  if (text.startsWith('-----BEGIN')) return 'is a key in PEM, not a secret: set jwks to the URL of the public keys';
  const bytes = HMAC_BYTES[algorithm];
  return Buffer.byteLength(text) < bytes
    ? `has less than ${bytes} bytes, the minimum for ${algorithm}: use a random one, as of openssl rand -base64 ${bytes}`
    : null;
};

/** Shorter than a secret in capitals and digits: a name is shown in messages. */
const VARIABLE = /^[A-Z][A-Z0-9_]{0,39}$/;

/** Returns the fault of an option that names the variable of a secret; null for a valid one. */
export const secretVariableFault = (name: string): string | null =>
  VARIABLE.test(name) ? null : 'must be the name of the variable with the secret, such as JWT_SECRET, not its value';
