import { hash } from 'node:crypto';
import { calculateJwkThumbprint, decodeProtectedHeader, EmbeddedJWK, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Caller } from '../authenticator.ts';
import { weaknessOf } from '../jwt/weak-keys.ts';
import { ALGORITHMS } from '../tokens/algorithms.ts';
import type { PresentedToken } from '../tokens/authorization.ts';
import { SKEW_SECONDS } from '../tokens/claims.ts';
import { UnverifiableTokenError } from '../tokens/token-verifier.ts';
import { ProofError } from './proof-fault.ts';
import { normalUrl, requestUrls } from './request-urls.ts';
import type { UsedProofs } from './used-proofs.ts';

export interface ProofOptions {
  /** Identifier of the protected resource, of which the origin is one of the gateway's own; null for none. */
  readonly resource: string | null;
  readonly used: UsedProofs;
  /** Milliseconds since 1970. */
  readonly wallTime: () => number;
}

const MAX_LENGTH = 8_192;
const MAX_ID_LENGTH = 256;

/** Maximum age of a proof by its `iat`, and maximum lead of the client's clock, in seconds. */
const MAX_AGE_S = 60;

/** Time for which a used proof must be kept: the whole range of its `iat`, and its last second, since ages are rounded down. */
const USED_MS = (MAX_AGE_S + 2 * SKEW_SECONDS + 1) * 1_000;

const single = (values: readonly string[] | undefined): string => {
  const [proof = '', ...more] = values ?? [];
  if (proof === '' || more.length > 0) throw new ProofError('missing');
  if (proof.length > MAX_LENGTH) throw new ProofError('malformed');
  return proof;
};

/**
 * Checks that the key in the header of a proof is that of the token, before any signature is verified: a client decides
 * on the cost of a verification only with a key that its issuer has accepted.
 */
const checkKey = async (proof: string, jkt: string): Promise<void> => {
  const { jwk } = decodeProtectedHeader(proof);
  if (jwk === undefined) throw new ProofError('malformed');
  if ((await calculateJwkThumbprint(jwk, 'sha256')) !== jkt) throw new ProofError('key');
  if (weaknessOf(jwk) !== null) throw new ProofError('malformed');
};

const faultOf = (error: unknown): ProofError => {
  if (error instanceof ProofError) return error;
  const { JWSSignatureVerificationFailed, JWTExpired, JWTClaimValidationFailed } = errors;
  if (error instanceof JWSSignatureVerificationFailed) return new ProofError('key');
  const isTime = error instanceof JWTExpired || (error instanceof JWTClaimValidationFailed && error.claim !== 'typ');
  return new ProofError(isTime && error.reason === 'check_failed' ? 'time' : 'malformed');
};

/** The claims of a proof with a valid signature by the key of the token. @throws ProofError */
const claimsOf = async (proof: string, jkt: string, now: number): Promise<JWTPayload> => {
  try {
    await checkKey(proof, jkt);
    const { payload } = await jwtVerify(proof, EmbeddedJWK, {
      algorithms: [...ALGORITHMS],
      typ: 'dpop+jwt',
      maxTokenAge: MAX_AGE_S,
      clockTolerance: SKEW_SECONDS,
      currentDate: new Date(now),
      requiredClaims: ['jti', 'htm', 'htu', 'ath'],
    });
    return payload;
  } catch (error) {
    throw faultOf(error);
  }
};

/**
 * Checks the DPoP proof of a request (RFC 9449, 4.3 and 7.1) for a token of `holder` that is bound to the key `jkt`.
 * Rejects with a ProofError, or with an UnverifiableTokenError if there is no room to note its use.
 */
export const checkProof = async (
  { jkt, holder }: { readonly jkt: string; readonly holder: string },
  token: PresentedToken,
  caller: Caller,
  { resource, used, wallTime }: ProofOptions,
): Promise<void> => {
  const proof = single(caller.valuesOf('dpop'));
  const { htm, htu, ath, jti } = await claimsOf(proof, jkt, wallTime());
  if (htm !== caller.method) throw new ProofError('method');
  const url = typeof htu === 'string' ? normalUrl(htu) : null;
  if (url === null || !requestUrls(caller, resource).includes(url)) throw new ProofError('url');
  if (ath !== token.hash) throw new ProofError('token');
  if (typeof jti !== 'string' || jti === '' || jti.length > MAX_ID_LENGTH) throw new ProofError('malformed');
  // The key is part of it: another client may have used the same id.
  const use = await used.add(hash('sha256', `${jkt}.${jti}`, 'base64url'), holder, USED_MS);
  if (use === 'used') throw new ProofError('replayed');
  // Without an entry it could be replayed.
  if (use === 'full') throw new UnverifiableTokenError('Too many proofs.', 1);
};
