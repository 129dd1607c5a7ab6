import { createRemoteJWKSet, jwtVerify } from 'jose';
import { TOKENS } from './environment.ts';

const keys = createRemoteJWKSet(new URL(TOKENS.jwks));

/** Verifies a bearer token as the gateway does: signature, issuer, audience, type and times. @throws jose's errors */
export const verifyToken = async (authorization: string): Promise<void> => {
  await jwtVerify(authorization.replace(/^Bearer /, ''), keys, {
    issuer: TOKENS.issuer,
    audience: TOKENS.audience,
    typ: 'at+jwt',
    requiredClaims: ['exp', 'sub'],
  });
};
