import type { OwnRequests } from '../../config/egress/own-requests.ts';
import type { CurrentText } from '../../config/secrets/secret-store.ts';
import type { IntrospectionSettings } from '../../config/tokens/introspection.ts';
import type { IssuerSettings } from '../../config/tokens/issuers.ts';
import { type Clock, wallTime as systemWallTime } from '../../core/clock.ts';
import type { AuthLog } from '../auth-log.ts';
import type { Authentication, Authenticator, Caller } from '../authenticator.ts';
import { MemoryUsedProofs, type UsedProofs } from '../dpop/used-proofs.ts';
import { type Introspection, openIntrospection } from '../introspection/introspection.ts';
import { type JwtVerifier, jwtVerifier } from '../jwt/jwt-verifier.ts';
import { claimedIssuer } from '../jwt/token-form.ts';
import { orAborted } from '../or-aborted.ts';
import { authorizationOf, type PresentedToken, readAuthorization, schemeOf } from './authorization.ts';
import { checkPossession } from './possession.ts';
import { refusedToken } from './refused-token.ts';
import { UnverifiableTokenError, type ValidToken } from './token-verifier.ts';

export interface TokenOptions {
  /** Issuers of JWTs. */
  readonly issuers: readonly IssuerSettings[];
  /** Introspection of all other tokens. Default: none, and other tokens are invalid. */
  readonly introspection?: IntrospectionSettings | null;
  /** Clock for cooldowns, refreshes and times to live. */
  readonly clock: Clock;
  readonly log: AuthLog;
  /** Milliseconds since 1970, for the validity of tokens. Default: the system's clock. */
  readonly wallTime?: () => number;
  /** Returns the secret of a variable. Required by issuers and introspection with a secret. */
  readonly secretOf?: ((variable: string) => CurrentText) | undefined;
  /** Identifier of the protected resource, whose origin DPoP proofs may name. Default: none. */
  readonly resource?: string | null;
  /** DPoP proofs that were used. Default: those of this authenticator. */
  readonly usedProofs?: UsedProofs | undefined;
  /** Sends the requests to issuers. Default: to all but reserved addresses. */
  readonly requests?: Pick<OwnRequests, 'fetch'> | undefined;
}

const noSecret = (variable: string): never => {
  throw new Error(`the secret ${variable} was not read`);
};

/** A JWT of a configured issuer is verified with its keys; any other token is introspected, if that is configured. */
const verifyNew = (
  jwt: JwtVerifier,
  introspection: Introspection | null,
  { text, hash }: PresentedToken,
  { network }: Caller,
): Promise<ValidToken> => {
  if (introspection === null) return jwt.verify(text, hash);
  const issuer = claimedIssuer(text);
  return issuer !== null && jwt.knows(issuer) ? jwt.verify(text, hash) : introspection.verify(text, hash, network());
};

/**
 * Creates an authenticator for access tokens. It recognises every Authorization header, and refuses other schemes than
 * Bearer and DPoP.
 */
export const tokenAuthenticator = (options: TokenOptions): Authenticator => {
  const { introspection: settings = null, wallTime = systemWallTime, secretOf = noSecret } = options;
  const { resource = null, usedProofs } = options;
  const shared = { ...options, wallTime, secretOf };
  const jwt = jwtVerifier(shared);
  const introspection = settings === null ? null : openIntrospection({ ...shared, settings });

  const proofs = { resource, used: usedProofs ?? new MemoryUsedProofs(options.clock), wallTime };

  const validToken = async (token: PresentedToken, caller: Caller): Promise<ValidToken> =>
    (await jwt.find(token.hash)) ??
    introspection?.find(token.hash) ??
    (await verifyNew(jwt, introspection, token, caller));

  const isKnown = (authorization: string): boolean => {
    try {
      const { hash } = readAuthorization(authorization);
      return jwt.has(hash) || (introspection?.has(hash) ?? false);
    } catch {
      return false;
    }
  };

  /** `hasProved`: the request has proved its possession of the token's key before. */
  const authenticate = async (authorization: string, caller: Caller, hasProved: boolean): Promise<Authentication> => {
    try {
      const token = readAuthorization(authorization);
      const valid = await validToken(token, caller);
      if (!hasProved && (valid.confirmation !== null || token.scheme === 'DPoP'))
        await checkPossession(valid, token, caller, proofs);
      return { is: 'authenticated', principal: valid.principal };
    } catch (error) {
      if (error instanceof UnverifiableTokenError) {
        const { retryAfterS, isOfToken } = error;
        return { is: 'unverifiable', retryAfterS, ...(isOfToken && { isOfCredential: true }) };
      }
      return refusedToken(error, schemeOf(authorization));
    }
  };

  return {
    credentialOf: (caller) => {
      const authorization = authorizationOf(caller);
      if (authorization === null) return null;
      return {
        source: 'authorization',
        isKnown: () => isKnown(authorization),
        verify: (signal) => orAborted(authenticate(authorization, caller, false), signal),
        verifyAgain: (signal) => orAborted(authenticate(authorization, caller, true), signal),
      };
    },
    close: () => jwt.close(),
  };
};
