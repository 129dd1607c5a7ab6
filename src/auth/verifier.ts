import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { type Clock, wallTime as systemWallTime } from '../clock.ts';
import type { IssuerSettings } from '../config/issuers.ts';
import { GatewayError } from '../errors.ts';
import { principalOfClaims, SKEW_SECONDS } from './claims.ts';
import { type KeySource, keySource } from './key-source.ts';
import type { AuthLog } from './log.ts';
import { ANONYMOUS, type Principal } from './principal.ts';
import { badToken, badTokenBecause } from './token-fault.ts';
import { ALGORITHMS, readToken, type UnverifiedToken } from './token-form.ts';

export interface VerifierOptions {
  readonly issuers: readonly IssuerSettings[];
  /** For cooldowns and refreshing. */
  readonly clock: Clock;
  readonly log: AuthLog;
  /** Milliseconds since 1970, against which tokens are valid. Default: the system's. */
  readonly wallTime?: () => number;
}

/** Tells who sends a request. */
export interface Verifier {
  /**
   * Who an `Authorization` header speaks of; nobody where there is none, or an empty one.
   *
   * @throws GatewayError UNAUTHENTICATED, with a message for its sender, where the token is not good; and SERVICE_UNAVAILABLE,
   * with `retryAfter` in seconds in its details, where that cannot be told because its issuer's keys are not to be had. Waits
   * for these as long as their fetching takes, up to 5 seconds
   */
  authenticate(authorization: string | undefined): Promise<Principal>;
  /** Ends what runs in the background. */
  close(): void;
}

interface KnownIssuer {
  readonly settings: IssuerSettings;
  readonly source: KeySource;
}

/** Most keys that are tried for a token that does not say which one signed it. */
const MAX_KEYS_TRIED = 4;

type Check = (key: JWTVerifyGetKey) => Promise<JWTPayload>;

/** Checks with the one key that fits; where several do, because the token names none, with each of them. */
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

/** Whether a key that was published since could change the verdict. */
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

/** Verifies bearer tokens of these issuers. Without any, every token is refused. */
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
