import { createPrivateKey, type KeyObject } from 'node:crypto';

const MIN_RSA_BITS = 2_048;

const OF_CURVES: Readonly<Record<string, string>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };

/** Returns the algorithm of RFC 7518 or 8037 for signatures with a private key; null for an unsupported or short key. */
export const signatureAlgorithm = ({ asymmetricKeyType, asymmetricKeyDetails = {} }: KeyObject): string | null => {
  const { modulusLength = 0, namedCurve = '' } = asymmetricKeyDetails;
  switch (asymmetricKeyType) {
    case 'rsa':
      return modulusLength >= MIN_RSA_BITS ? 'RS256' : null;
    case 'ec':
      return OF_CURVES[namedCurve] ?? null;
    case 'ed25519':
      return 'EdDSA';
    default:
      return null;
  }
};

/** Returns the fault of a private key in PEM, without a part of it; null for a valid one. */
export const privateKeyFault = (text: string): string | null => {
  try {
    return signatureAlgorithm(createPrivateKey(text)) === null
      ? 'is no RSA key of 2,048 bits, no key of P-256, P-384 or P-521, and no Ed25519 key'
      : null;
  } catch {
    return 'is no private key in PEM without a passphrase';
  }
};
