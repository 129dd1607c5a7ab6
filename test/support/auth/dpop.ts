import { createHash, createPublicKey, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import type { Claims } from './issuer.ts';
import { type SigningKey, signed, signingKey } from './signing.ts';

/** A client with a key for DPoP (RFC 9449). */
export interface DpopClient {
  readonly key: SigningKey;
  /** The public key, as a proof has it. */
  readonly jwk: Claims;
  /** Thumbprint of the key, for `cnf` of a token. */
  readonly jkt: string;
  /** Returns a valid proof for a token, with these claims and header parameters; undefined removes one. */
  proof(token: string, claims?: Claims, header?: Claims): string;
}

export const PROOF_URL = 'https://shop.example/graphql';

export const dpopClient = async (
  wallTime: () => number,
  alg: Parameters<typeof signingKey>[1] = 'ES256',
): Promise<DpopClient> => {
  const key = signingKey('dpop', alg);
  const jwk = createPublicKey(key.publicKey.export({ type: 'spki', format: 'pem' })).export({ format: 'jwk' });
  return {
    key,
    jwk: { ...jwk },
    jkt: await calculateJwkThumbprint({ ...jwk, kty: String(jwk.kty) }),
    proof: (token, claims, header) => {
      const usual = {
        jti: randomUUID(),
        htm: 'POST',
        htu: PROOF_URL,
        iat: Math.floor(wallTime() / 1_000),
        ath: createHash('sha256').update(token).digest('base64url'),
      };
      return signed(key, { alg: key.alg, typ: 'dpop+jwt', jwk, ...header }, { ...usual, ...claims });
    },
  };
};
