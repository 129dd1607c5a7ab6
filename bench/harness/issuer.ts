import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';

const NAME = 'https://issuer.bench.example';
const AUDIENCE = 'bench';
const KEY_ID = 'bench-1';
const LIFETIME_S = 86_400;
const USERS = 100;

// RS256 is what most identity providers sign with by default.
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });

/** The keys that verify the tokens (RFC 7517). */
export const JWKS = JSON.stringify({
  keys: [{ ...publicKey.export({ format: 'jwk' }), kid: KEY_ID, alg: 'RS256', use: 'sig' }],
});

/** `JWT_ISSUERS` of a gateway that accepts the tokens. */
export const issuersWith = (jwksUrl: string): string => `${NAME};audience=${AUDIENCE};jwks=${jwksUrl}`;

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

const tokenOf = (subject: string): string => {
  const now = Math.floor(Date.now() / 1_000);
  const claims = {
    iss: NAME,
    aud: AUDIENCE,
    sub: subject,
    scope: 'openid profile email orders:read',
    roles: ['customer'],
    iat: now,
    exp: now + LIFETIME_S,
    jti: randomUUID(),
  };
  const text = `${encoded({ typ: 'at+jwt', alg: 'RS256', kid: KEY_ID })}.${encoded(claims)}`;
  return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
};

/** Access tokens of different users. */
export const TOKENS: readonly string[] = Array.from({ length: USERS }, (_, at) => tokenOf(`c${at + 1}`));
