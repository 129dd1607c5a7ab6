import { createRemoteJWKSet, jwtVerify } from 'jose';
import { TOKENS } from './environment.ts';

const keys = createRemoteJWKSet(new URL(TOKENS.jwks));

/** Verifies a bearer token as the gateway does: signature, issuer, audience, type and times. @throws Error with status 401 */
export const verifyToken = async (authorization: string): Promise<void> => {
  try {
    await jwtVerify(authorization.replace(/^Bearer /, ''), keys, {
      issuer: TOKENS.issuer,
      audience: TOKENS.audience,
      typ: 'at+jwt',
      requiredClaims: ['exp', 'sub'],
    });
  } catch (error) {
    throw Object.assign(new Error('Invalid token.', { cause: error }), { statusCode: 401 });
  }
};
