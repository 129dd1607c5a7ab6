import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { z } from 'zod';
import { Problem } from './problem.ts';
import { ok, type RestService } from './rest-service.ts';

/** `iss` of every token, whatever address the issuer listens on. */
export const ISSUER = 'https://issuer.shop.example';
/** Default `aud` of a token. */
export const AUDIENCE = 'shop';

const MAX_SECONDS = 10 * 365 * 86_400;

const Wanted = z.strictObject({
  sub: z.string().min(1),
  /** Separated by spaces. */
  scope: z.string().default(''),
  roles: z.array(z.string()).default([]),
  aud: z.union([z.string(), z.array(z.string())]).default(AUDIENCE),
  /** Seconds; a negative number makes an expired token. */
  expiresIn: z.int().min(-MAX_SECONDS).max(MAX_SECONDS).default(3_600),
  /** Additional claims, and replacements for these. */
  claims: z.record(z.string(), z.json()).default({}),
  /** Header parameters in addition to `alg` and `kid`, and replacements for `typ`. */
  header: z.record(z.string(), z.json()).default({}),
});
type Wanted = z.infer<typeof Wanted>;

interface Key {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly jwk: object;
}

const newKey = (): Key => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  // Random, so that keys of a restarted issuer differ from its earlier ones.
  const kid = randomUUID();
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' } };
};

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const tokenOf = ({ kid, privateKey }: Key, wanted: Wanted): string => {
  const { sub, scope, roles, aud, expiresIn, claims, header } = wanted;
  const now = Math.floor(Date.now() / 1_000);
  const usual = { iss: ISSUER, aud, sub, scope, roles, iat: now, exp: now + expiresIn, jti: randomUUID() };
  const text = `${part({ typ: 'at+jwt', ...header, alg: 'ES256', kid })}.${part({ ...usual, ...claims })}`;
  const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
};

/** Step of a rotation; without a body, `publish` and `sign`. */
const Rotation = z.strictObject({
  /** `publish` a new key, `sign` with the newest, `retire` all but the signing key. */
  steps: z.array(z.enum(['publish', 'sign', 'retire'])).default(['publish', 'sign']),
});

export interface Issuer {
  readonly service: RestService;
  /**
   * Rotates the keys as the body of a request defines. @returns the published keys, oldest first, and the signing key
   */
  rotate(body: unknown): { readonly published: readonly string[]; readonly signing: string };
}

/** @throws Problem 400 with every invalid value */
const read = <T>(schema: z.ZodType<T>, body: unknown, kind: string): T => {
  const parsed = schema.safeParse(body ?? {});
  if (!parsed.success) throw new Problem(400, z.prettifyError(parsed.error), kind);
  return parsed.data;
};

/** Signs any requested claims, for the demo and tests. Its keys are made at the start and never leave it. */
export const issuer = (): Issuer => {
  let signing = newKey();
  let published: readonly Key[] = [signing];

  const rotate: Issuer['rotate'] = (body) => {
    for (const step of read(Rotation, body, 'bad-rotation').steps) {
      if (step === 'publish') published = [...published, newKey()];
      if (step === 'sign') signing = published.at(-1) ?? signing;
      if (step === 'retire') published = [signing];
    }
    return { published: published.map(({ kid }) => kid), signing: signing.kid };
  };

  const service: RestService = {
    'GET /.well-known/jwks.json': () => ok({ keys: published.map(({ jwk }) => jwk) }),

    'GET /.well-known/openid-configuration': ({ headers }) =>
      ok({
        issuer: ISSUER,
        jwks_uri: `http://${headers.host}/.well-known/jwks.json`,
        token_endpoint: `http://${headers.host}/token`,
        id_token_signing_alg_values_supported: ['ES256'],
      }),

    'POST /token': ({ body }) => {
      const wanted = read(Wanted, body, 'bad-token-request');
      const access_token = tokenOf(signing, wanted);
      return ok({ access_token, token_type: 'Bearer', expires_in: wanted.expiresIn, scope: wanted.scope });
    },
  };
  return { service, rotate };
};
