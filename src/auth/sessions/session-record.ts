import { hash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { User } from '../../request/principal.ts';
import type { Tokens } from './provider/tokens.ts';
import type { Seal } from './session-seal.ts';

/** 256 bits, in base64url. */
const ID = /^[\w-]{43}$/;
/** Longest sealed session in characters. Its tokens fit many times. */
const MAX_LENGTH = 65_536;
/** Part of a token's life after which it is renewed, and the longest lead of the renewal. */
const EARLY_SHARE = 0.1;
const MAX_EARLY_MS = 30_000;

const Record = z.object({
  issuer: z.string(),
  subject: z.string(),
  sid: z.string().nullable(),
  claims: z.record(z.string(), z.unknown()),
  scopes: z.array(z.string()),
  roles: z.array(z.string()),
  idToken: z.string(),
  accessToken: z.string(),
  /** Null without one: the session ends with its access token. */
  refreshToken: z.string().nullable(),
  /** Times in milliseconds since 1970. Null for a token without an end. */
  accessExpiresAt: z.number().nullable(),
  refreshAt: z.number().nullable(),
  startedAt: z.number(),
  endsAt: z.number(),
});

/** A session with its tokens. It leaves the process only sealed. */
export type Session = Readonly<z.infer<typeof Record>>;

export const newId = (): string => randomBytes(32).toString('base64url');

export const isId = (text: string): boolean => ID.test(text);

/** Part of a key of the store, which reveals no cookie and no name of a user. */
export const hashed = (...parts: readonly string[]): string => hash('sha256', JSON.stringify(parts), 'base64url');

/** Key of a session by the value of its cookie. */
export const sessionKey = (id: string): string => `session:${hashed(id)}`;

/** Most sessions of one user, and of each list. The oldest one ends when another one begins. */
export const MAX_SESSIONS = 100;

/** Lists of the sessions of a user, of those without a `sid`, and of one session at the provider. */
export const subjectList = (issuer: string, subject: string): string => `subject:${hashed(issuer, subject)}`;
export const withoutSidList = (issuer: string, subject: string): string => `without-sid:${hashed(issuer, subject)}`;
export const sidList = (issuer: string, sid: string): string => `sid:${hashed(issuer, sid)}`;

/** Lists in which a session is, for logouts of the provider. */
export const listsOf = ({ issuer, subject, sid }: Pick<Session, 'issuer' | 'subject' | 'sid'>): readonly string[] => [
  subjectList(issuer, subject),
  sid === null ? withoutSidList(issuer, subject) : sidList(issuer, sid),
];

const timesOf = (lifetimeS: number | null, now: number): Pick<Session, 'accessExpiresAt' | 'refreshAt'> => {
  if (lifetimeS === null) return { accessExpiresAt: null, refreshAt: null };
  const accessExpiresAt = now + 1_000 * lifetimeS;
  return { accessExpiresAt, refreshAt: accessExpiresAt - Math.min(MAX_EARLY_MS, 1_000 * lifetimeS * EARLY_SHARE) };
};

/** The session of a sign-in at `now`, for `absoluteMs`. */
export const startedSession = (tokens: Tokens, now: number, absoluteMs: number): Session => {
  const { lifetimeS, ...kept } = tokens;
  return { ...kept, ...timesOf(lifetimeS, now), startedAt: now, endsAt: now + absoluteMs };
};

/** The session with renewed tokens. Its end stays. */
export const renewedSession = (session: Session, tokens: Tokens, now: number): Session => {
  const { lifetimeS, ...kept } = tokens;
  return { ...session, ...kept, ...timesOf(lifetimeS, now) };
};

/** True once the access token must be renewed. */
export const isDue = ({ refreshAt, refreshToken }: Session, now: number): boolean =>
  refreshToken !== null && refreshAt !== null && now >= refreshAt;

/** True if the session is over: at its absolute end, or with an access token that cannot be renewed. */
export const isOver = ({ endsAt, accessExpiresAt, refreshToken }: Session, now: number): boolean =>
  now >= endsAt || (refreshToken === null && accessExpiresAt !== null && now >= accessExpiresAt);

/** Returns the sealed session; null for one with tokens that are too long. */
export const sealSession = (seal: Seal, key: string, session: Session): string | null => {
  const sealed = seal.seal(key, JSON.stringify(session));
  return sealed.length > MAX_LENGTH ? null : sealed;
};

/** Reason for which a session without a sealed form is refused. */
export const TOO_LONG = `the tokens have more than ${MAX_LENGTH} characters`;

/** Returns a session; null for a value that no key opens. */
export const openSession = (seal: Seal, key: string, sealed: string): Session | null => {
  const text = seal.open(key, sealed);
  return text === null ? null : (Record.safeParse(JSON.parse(text)).data ?? null);
};

/** The principal of a session. `exp` of its claims is the end of the session, not that of the ID token. */
export const principalOf = ({ subject, issuer, scopes, roles, claims, endsAt }: Session): User =>
  Object.freeze({
    kind: 'user',
    subject,
    issuer,
    scopes: Object.freeze(scopes),
    roles: Object.freeze(roles),
    claims: Object.freeze({ ...claims, exp: Math.floor(endsAt / 1_000) }),
  });
