import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** Key pair of an issuer or of an attacker. */
export interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** The published form. */
  readonly jwk: Readonly<Record<string, unknown>>;
}

const PAIRS = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
};

export const signingKey = (kid: string, alg: keyof typeof PAIRS = 'ES256'): SigningKey => {
  const { privateKey, publicKey } = PAIRS[alg]();
  return { kid, alg, privateKey, publicKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } };
};

export const part = (value: unknown): string =>
  (Buffer.isBuffer(value) ? value : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))).toString(
    'base64url',
  );

const signature = ({ alg, privateKey }: SigningKey, text: string): Buffer => {
  const bytes = Buffer.from(text);
  switch (alg) {
    case 'RS256':
      return sign('sha256', bytes, privateKey);
    case 'PS256':
      return sign('sha256', bytes, { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });
    case 'ES256':
      return sign('sha256', bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' });
    default:
      return sign(null, bytes, privateKey);
  }
};

/**
 * Signs a header and claims unchanged; either may be text or bytes that are not JSON. Does not use jose, which refuses
 * invalid ones.
 */
export const signed = (key: SigningKey, header: unknown, claims: unknown): string => {
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${signature(key, text).toString('base64url')}`;
};
