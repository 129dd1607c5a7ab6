import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { OwnRequests } from '../../config/egress/own-requests.ts';
import type { CurrentText } from '../../config/secrets/secret-store.ts';
import type { IssuerSettings } from '../../config/tokens/issuers.ts';
import type { Clock } from '../../core/clock.ts';
import type { AuthLog } from '../auth-log.ts';
import { ALGORITHMS } from '../tokens/algorithms.ts';
import { checkTimes, SKEW_SECONDS, subjectOf, userOf } from '../tokens/claims.ts';
import { confirmationOf } from '../tokens/confirmation.ts';
import { TokenError } from '../tokens/token-fault.ts';
import type { ValidToken } from '../tokens/token-verifier.ts';
import { type KeySource, keySource } from './key-source.ts';
import { sharedSecretKeys } from './shared-secret-keys.ts';
import { readToken, type UnverifiedToken } from './token-form.ts';
import { VerifiedTokens } from './verified-tokens.ts';

export interface JwtOptions {
  readonly issuers: readonly IssuerSettings[];
  /** Clock for cooldowns and refreshes. */
  readonly clock: Clock;
  readonly log: AuthLog;
  /** Milliseconds since 1970, for the validity of tokens. */
  readonly wallTime: () => number;
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

/** The JWTs of the configured issuers. */
export interface JwtVerifier {
  /** True for the `iss` of a configured issuer. */
  knows(issuer: string): boolean;
  /** True for the hash of a token that was verified before, and has not expired. */
  has(key: string): boolean;
  /** Returns a token that was verified before, by the hash of its text; null for others. @throws UnverifiableTokenError */
  find(key: string): Promise<ValidToken | null>;
  /** Verifies a token. @throws UnverifiableTokenError; any other error means that the token is invalid */
  verify(text: string, key: string): Promise<ValidToken>;
  /** Stops the refreshes of keys. */
  close(): void;
}

/** Creates the verifier for tokens of these issuers. Without issuers, every token is invalid. */
export const jwtVerifier = (options: JwtOptions): JwtVerifier => {
  const { issuers, wallTime } = options;
  const known: ReadonlyMap<string, KnownIssuer> = new Map(
    issuers.map((settings) => [settings.issuer, knownIssuer(settings, options)]),
  );
  const verified = new VerifiedTokens();

  return {
    knows: (issuer) => known.has(issuer),
    has: (key) => verified.has(key, wallTime()),
    find: (key) => verified.find(key, wallTime()),
    verify: async (text, key) => {
      const now = wallTime();
      const token = readToken(text);
      const issuer = known.get(token.issuer);
      if (issuer === undefined) throw new TokenError('issuer', 'iss is not configured');
      const { claims, keys } = await claimsOf(token, issuer, new Date(now));
      checkTimes(claims, now / 1_000);
      const principal = userOf(claims, subjectOf(claims), issuer.settings, token.claims);
      const valid = { principal, confirmation: confirmationOf(claims) };
      const expiresAt = (claims.exp ?? 0) * 1_000;
      verified.keep(key, { ...valid, source: issuer.source, keys, verifiedAt: now, expiresAt }, text.length);
      return valid;
    },
    close: () => {
      for (const { source } of known.values()) source.close();
    },
  };
};
