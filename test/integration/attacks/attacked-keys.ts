import { fixedKeys, issuedKey } from '../../support/auth/api-keys.ts';

export const VALID = issuedKey();
export const OTHER = issuedKey();
export const EXPIRED = issuedKey({ expiresAt: '2020-01-01T00:00:00Z' });
export const NOT_YET = issuedKey({ notBefore: '2999-01-01T00:00:00Z' });
export const REVOKED = issuedKey({ revokedAt: '2020-01-01T00:00:00Z' });

/** The keys that the gateway of the rig knows. */
export const KEYS = fixedKeys([VALID, OTHER, EXPIRED, NOT_YET, REVOKED]);
