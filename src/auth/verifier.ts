import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { IssuerSettings } from '../config/issuers.ts';
import { type Clock, wallTime as systemWallTime } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import { ANONYMOUS, type Principal } from '../request/principal.ts';
import { principalOfClaims, SKEW_SECONDS } from './claims.ts';
import type { AuthLog } from './key-source.ts';
import { type KeySource, keySource } from './key-source.ts';
import { badToken, badTokenBecause } from './token-fault.ts';
import { ALGORITHMS, readToken, type UnverifiedToken } from './token-form.ts';

export interface VerifierOptions {
  readonly issuers: readonly IssuerSettings[];
  /** Clock for cooldowns and refreshes. */
  readonly clock: Clock;
  readonly log: AuthLog;
  /** Milliseconds since 1970, for the validity of tokens. Default: the system's clock. */
  readonly wallTime?: () => number;
}

/** Authenticates requests. */
export interface Verifier {
  /**
   * Returns the principal of an `Authorization` header; anonymous without a header and for an empty one. May wait up to
   * 5 seconds for the keys of the issuer.
   *
   * @throws GatewayError UNAUTHENTICATED with a public message for an invalid token; SERVICE_UNAVAILABLE, with
   * `retryAfter` in seconds in its details, without the keys of its issuer
   */
  authenticate(authorization: string | undefined): Promise<Principal>;
  /** Stops the work in the background. */
  close(): void;
}

interface KnownIssuer {
  readonly settings: IssuerSettings;
  readonly source: KeySource;
}

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

const claimsOf = async (token: UnverifiedToken, { settings, source }: KnownIssuer, now: Date): Promise<JWTPayload> => {
  const { issuer, audience, typ } = settings;
  const check: Check = async (key) => {
    const { payload } = await jwtVerify(token.text, key, {
      algorithms: [...ALGORITHMS],
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
    return await checkWith(keys, check);
  } catch (error) {
    const newer = mayBeNewKey(error, token) ? await source.newerThan(keys) : null;
    if (newer === null) throw error;
    return checkWith(newer, check);
  }
};

/** Creates a verifier of bearer tokens of these issuers. Without issuers, every token is refused. */
export const createVerifier = ({ issuers, clock, log, wallTime = systemWallTime }: VerifierOptions): Verifier => {
  const known: ReadonlyMap<string, KnownIssuer> = new Map(
    issuers.map((settings) => [settings.issuer, { settings, source: keySource(settings.jwks, clock, log) }]),
  );

  const formOf = (authorization: string): UnverifiedToken | null => {
    try {
      return readToken(authorization);
    } catch (error) {
      throw badTokenBecause(error);
    }
  };

  const principalOf = async (token: UnverifiedToken, issuer: KnownIssuer): Promise<Principal> => {
    const now = wallTime();
    try {
      const claims = await claimsOf(token, issuer, new Date(now));
      return principalOfClaims(claims, issuer.settings, now / 1_000, token.claims);
    } catch (error) {
      if (error instanceof GatewayError) throw error;
      throw badTokenBecause(error);
    }
  };

  return {
    authenticate: async (authorization) => {
      const token = authorization === undefined ? null : formOf(authorization);
      if (token === null) return ANONYMOUS;
      const issuer = known.get(token.issuer);
      if (issuer === undefined) throw badToken('issuer');
      return principalOf(token, issuer);
    },
    close: () => {
      for (const { source } of known.values()) source.close();
    },
  };
};
