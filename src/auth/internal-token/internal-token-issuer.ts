import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import { type IdentifiedPrincipal, type Principal, principalKey } from '../../request/principal.ts';
import type { SigningKey, SigningKeys } from './signing-keys.ts';

/** Lifetime of a token. A backend that accepts it a little later, because of its clock, accepts it for long enough. */
const LIFETIME_S = 60;
/** A token is sent in its first half only, so that it does not expire on its way. */
const REUSED_MS = 30_000;
/** Number of tokens that are kept: one for each principal and audience. Each takes about 1 KiB. */
const MAX_TOKENS = 10_000;

export interface InternalTokenOptions {
  /** `iss` of the tokens. */
  readonly issuer: string;
  readonly keys: () => SigningKeys;
  /** Returns milliseconds since 1970. */
  readonly wallTime: () => number;
}

interface KeptToken {
  readonly token: Promise<string> | string;
  readonly signedBy: SigningKey;
  readonly signedAt: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/**
 * The claims about a principal: no others than the values that its key is made of, so that principals with one key have
 * one token.
 */
const claimsOf = (principal: IdentifiedPrincipal): Readonly<Record<string, unknown>> => {
  const { kind, subject, issuer, scopes, roles } = principal;
  return {
    kind,
    // RFC 9493, 3.2.4: a subject is unique only together with its issuer.
    sub_id: { format: 'iss_sub', iss: issuer, sub: subject },
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    ...(roles.length > 0 && { roles }),
    ...(principal.kind === 'certificate' && { names: principal.names }),
    ...(principal.kind === 'api-key' && { owner: principal.owner }),
  };
};

/**
 * Issues JWTs about verified callers, for backends. A token is valid for 60 seconds at most, for one audience, and
 * never longer than the caller's own. It is signed once for each principal and audience in 30 seconds.
 */
export class InternalTokenIssuer {
  readonly #options: InternalTokenOptions;
  readonly #kept = new LRUCache<string, KeptToken>({ max: MAX_TOKENS });

  constructor(options: InternalTokenOptions) {
    this.#options = options;
  }

  /** Returns a token that ends at `until` at the latest, in milliseconds since 1970. */
  issue(principal: Principal, audience: string, until: number): string | Promise<string> {
    if (principal.kind === 'anonymous') throw new Error('an anonymous caller has no token');
    const now = this.#options.wallTime();
    const { first } = this.#options.keys();
    const key = `${principalKey(principal)} ${audience}`;
    const kept = this.#kept.get(key);
    // A clock that was set back may make the token one of the future.
    const isFresh = kept !== undefined && now >= kept.signedAt && now - kept.signedAt < REUSED_MS;
    if (isFresh && kept.signedBy === first && kept.expiresAt <= until) return kept.token;
    const expiresAt = Math.min(Math.floor(now / 1_000 + LIFETIME_S) * 1_000, Math.floor(until / 1_000) * 1_000);
    const token = this.#signed(first, principal, audience, now, expiresAt);
    const entry = { signedBy: first, signedAt: now, expiresAt };
    // A promise at first: calls of the same moment share the signature.
    this.#kept.set(key, { ...entry, token });
    token.then(
      (text) => {
        if (this.#kept.peek(key)?.token === token) this.#kept.set(key, { ...entry, token: text });
      },
      () => this.#kept.delete(key),
    );
    return token;
  }

  #signed(
    { key, algorithm, id }: SigningKey,
    principal: IdentifiedPrincipal,
    audience: string,
    now: number,
    expiresAt: number,
  ): Promise<string> {
    return new SignJWT(claimsOf(principal))
      .setProtectedHeader({ alg: algorithm, kid: id, typ: 'JWT' })
      .setIssuer(this.#options.issuer)
      .setSubject(principal.subject)
      .setAudience(audience)
      .setIssuedAt(Math.floor(now / 1_000))
      .setExpirationTime(expiresAt / 1_000)
      .setJti(randomUUID())
      .sign(key);
  }
}
