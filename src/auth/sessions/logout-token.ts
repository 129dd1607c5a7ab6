import { type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import { ALGORITHMS } from '../tokens/algorithms.ts';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const MAX_LENGTH = 16_384;
const SKEW_S = 30;

const Claims = z
  .looseObject({
    jti: z.string().min(1).max(255),
    iat: z.number(),
    exp: z.number(),
    sub: z.string().min(1).optional(),
    sid: z.string().min(1).optional(),
    events: z.looseObject({ [EVENT]: z.looseObject({}) }),
    // A token with a nonce may be an ID token, which the user's browser has had.
    nonce: z.never().optional(),
  })
  .refine(({ sub, sid }) => sub !== undefined || sid !== undefined, 'sub and sid are missing');

/** Sessions that a logout token ends. */
export interface LogoutToken {
  readonly jti: string;
  /** Seconds since 1970. */
  readonly exp: number;
  readonly subject: string | null;
  readonly sid: string | null;
}

/**
 * Verifies a logout token (OpenID Connect Back-Channel Logout 1.0, 2.6). `now` is in milliseconds since 1970.
 *
 * @throws Error with the reason, without a value of the token
 */
export const verifyLogoutToken = async (
  token: string,
  keys: JWTVerifyGetKey,
  { issuer, clientId }: { readonly issuer: string; readonly clientId: string },
  now: number,
): Promise<LogoutToken> => {
  if (token.length > MAX_LENGTH) throw new Error('the token is too long');
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    algorithms: [...ALGORITHMS],
    issuer,
    audience: clientId,
    maxTokenAge: 600,
    clockTolerance: SKEW_S,
    currentDate: new Date(now),
  });
  // Recommended, not required: older providers write JWT, or nothing.
  const typ = (protectedHeader.typ ?? 'jwt').toLowerCase().replace(/^application\//, '');
  if (typ !== 'logout+jwt' && typ !== 'jwt') throw new Error('the token has another typ');
  const { data, error } = Claims.safeParse(payload);
  if (data === undefined)
    throw new Error(`invalid claim: ${error.issues[0]?.path.join('.') || error.issues[0]?.message}`);
  return { jti: data.jti, exp: data.exp, subject: data.sub ?? null, sid: data.sid ?? null };
};
