import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { OwnRequests } from '../../config/egress/own-requests.ts';
import type { CurrentText } from '../../config/secrets/secret-store.ts';
import type { IssuerSettings } from '../../config/tokens/issuers.ts';
import { type Clock, wallTime as systemWallTime } from '../../core/clock.ts';
import type { Principal } from '../../request/principal.ts';
import type { Authentication, Authenticator, Caller } from '../authenticator.ts';
import { principalOfClaims, SKEW_SECONDS } from './claims.ts';
import { type AuthLog, type KeySource, KeysUnavailableError, keySource } from './key-source.ts';
import { sharedSecretKeys } from './shared-secret-keys.ts';
import { refusedToken, TokenError } from './token-fault.ts';
import { ALGORITHMS, readToken, type UnverifiedToken } from './token-form.ts';
import { VerifiedTokens } from './verified-tokens.ts';

export interface JwtOptions {
  readonly issuers: readonly IssuerSettings[];
  /** Clock for cooldowns and refreshes. */
  readonly clock: Clock;
  readonly log: AuthLog;
  /** Milliseconds since 1970, for the validity of tokens. Default: the system's clock. */
  readonly wallTime?: () => number;
  /** Returns the secret of a variable. Required by issuers with a secret. */
  readonly secretOf?: ((variable: string) => CurrentText) | undefined;
  /** Sends the requests for keys. Default: to all but reserved addresses. */
  readonly requests?: Pick<OwnRequests, 'fetch'> | undefined;
}

interface KnownIssuer {
  readonly settings: IssuerSettings;
  readonly source: KeySource;
  /** Accepted algorithms. Never those of public keys together with those of secrets (RFC 8725, 3.1). */
  readonly algorithms: readonly string[];
}

const knownIssuer = (settings: IssuerSettings, { clock, log, requests, secretOf }: JwtOptions): KnownIssuer => {
  const { issuer, keys } = settings;
  if (keys.by !== 'secret') {
    const place = keys.by === 'url' ? { url: keys.url } : { issuer };
    return { settings, source: keySource(place, clock, log, requests), algorithms: ALGORITHMS };
  }
  if (secretOf === undefined) throw new Error(`no secrets for ${keys.variable}`);
  return { settings, source: sharedSecretKeys(secretOf(keys.variable)), algorithms: [keys.algorithm] };
};

/** Maximum number of keys that are tried for a token without a key id. */
const MAX_KEYS_TRIED = 4;

type Check = (key: JWTVerifyGetKey) => Promise<JWTPayload>;

/** Verifies with the matching key. A token without a key id is verified with each of several matching keys. */
const checkWith = async (keys: JWTVerifyGetKey, check: Check): Promise<JWTPayload> => {
  try {
    return await check(keys);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    let tried = 0;
    for await (const key of error) {
      tried += 1;
      if (tried > MAX_KEYS_TRIED) break;
      try {
        return await check(async () => key);
      } catch (failure) {
        if (!(failure instanceof errors.JWSSignatureVerificationFailed)) throw failure;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
};

/** True if newer keys of the issuer may verify the token. */
const mayBeNewKey = (error: unknown, { keyId }: UnverifiedToken): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  (keyId === undefined && error instanceof errors.JWSSignatureVerificationFailed);

/** Verified claims, and the keys that verified them. */
interface VerifiedClaims {
  readonly claims: JWTPayload;
  readonly keys: JWTVerifyGetKey;
}

const claimsOf = async (
  token: UnverifiedToken,
  { settings, source, algorithms }: KnownIssuer,
  now: Date,
): Promise<VerifiedClaims> => {
  const { issuer, audience, typ } = settings;
  const check: Check = async (key) => {
    const { payload } = await jwtVerify(token.text, key, {
      algorithms: [...algorithms],
      issuer,
      audience,
      typ,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: SKEW_SECONDS,
      currentDate: now,
    });
    return payload;
  };
  const keys = await source.keys();
  try {
    return { claims: await checkWith(keys, check), keys };
  } catch (error) {
    const newer = mayBeNewKey(error, token) ? await source.newerThan(keys) : null;
    if (newer === null) throw error;
    return { claims: await checkWith(newer, check), keys: newer };
  }
};

/** Ends a wait for keys that was aborted. The fetch in flight has its own timeout, and a retry shares it. */
const orAborted = (authentication: Promise<Authentication>, signal: AbortSignal): Promise<Authentication> => {
  const { promise, resolve, reject } = Promise.withResolvers<Authentication>();
  const abort = (): void => resolve({ is: 'unverifiable', retryAfterS: 1 });
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  authentication.then(resolve, reject);
  return promise.finally(() => signal.removeEventListener('abort', abort));
};

/** Returns the Authorization header that is not empty; null without one. Some clients send an empty one without a login. */
const authorizationOf = ({ valuesOf }: Caller): string | null =>
  valuesOf('authorization')?.find((value) => value.trim() !== '') ?? null;

/**
 * Creates an authenticator for bearer tokens of these issuers. It recognises every Authorization header, and refuses
 * other schemes. Without issuers, every token is refused.
 */
export const jwtAuthenticator = (options: JwtOptions): Authenticator => {
  const { issuers, wallTime = systemWallTime } = options;
  const known: ReadonlyMap<string, KnownIssuer> = new Map(
    issuers.map((settings) => [settings.issuer, knownIssuer(settings, options)]),
  );

  const verified = new VerifiedTokens();

  /** @throws KeysUnavailableError; any other error means that the token is invalid */
  const principalOf = async (authorization: string): Promise<Principal> => {
    const now = wallTime();
    const before = await verified.find(authorization, now);
    if (before !== null) return before;
    const token = readToken(authorization);
    const issuer = known.get(token.issuer);
    if (issuer === undefined) throw new TokenError('issuer', 'iss is not configured');
    const { claims, keys } = await claimsOf(token, issuer, new Date(now));
    const principal = principalOfClaims(claims, issuer.settings, now / 1_000, token.claims);
    const expiresAt = (claims.exp ?? 0) * 1_000;
    verified.keep(authorization, { principal, source: issuer.source, keys, verifiedAt: now, expiresAt });
    return principal;
  };

  const authenticate = async (authorization: string): Promise<Authentication> => {
    try {
      return { is: 'authenticated', principal: await principalOf(authorization) };
    } catch (error) {
      if (error instanceof KeysUnavailableError) return { is: 'unverifiable', retryAfterS: error.retryAfterS };
      return refusedToken(error);
    }
  };

  return {
    credentialOf: (caller) => {
      const authorization = authorizationOf(caller);
      if (authorization === null) return null;
      return { source: 'authorization', verify: (signal) => orAborted(authenticate(authorization), signal) };
    },
    close: () => {
      for (const { source } of known.values()) source.close();
    },
  };
};
