import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type Provider from 'oidc-provider';
import { customer, rows, type Sizes } from '../fixtures.ts';
import { confirmLogout, signedOut } from './pages.ts';

/** The client that the provider knows, for the gateway of the demo and of tests. */
export const LOGIN_CLIENT = 'shop-web';
export const LOGIN_CLIENT_SECRET = 'a-secret-of-the-demo-that-is-not-secret';
/** Audience and scopes of access tokens. */
const RESOURCE = 'urn:shop';
const SCOPES = 'orders:read orders:write stock:write';

export interface LoginOptions {
  readonly sizes: Sizes;
  /** Origin of the gateway in browsers. */
  readonly gateway: string;
  /** Seconds for which access tokens are valid. */
  readonly tokenSeconds: number;
  /** Public key of the client as a JWK, for `private_key_jwt`. Default: the client has a secret. */
  readonly clientKey?: object;
}

/** Customers of the sign-in page. The last one is an administrator. */
export const SHOWN = 3;

const signingKey = (): object => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' };
};

const features = (tokenSeconds: number): object => ({
  devInteractions: { enabled: false },
  revocation: { enabled: true },
  backchannelLogout: { enabled: true },
  rpInitiatedLogout: {
    enabled: true,
    logoutSource: (context: { body: string }, form: string) => {
      context.body = confirmLogout(form);
    },
    postLogoutSuccessSource: (context: { body: string }) => {
      context.body = signedOut();
    },
  },
  resourceIndicators: {
    enabled: true,
    defaultResource: () => RESOURCE,
    useGrantedResource: () => true,
    getResourceServerInfo: () => ({
      scope: SCOPES,
      audience: 'shop',
      accessTokenTTL: tokenSeconds,
      accessTokenFormat: 'jwt',
      jwt: { sign: { alg: 'ES256' } },
    }),
  },
});

/** The configuration of oidc-provider. */
export const providerConfiguration = ({ sizes, gateway, tokenSeconds, clientKey }: LoginOptions): object => {
  const customers = new Map(rows(sizes.customers, customer).map((row) => [row.id, row]));
  return {
    clients: [
      {
        client_id: LOGIN_CLIENT,
        ...(clientKey === undefined
          ? { client_secret: LOGIN_CLIENT_SECRET, token_endpoint_auth_method: 'client_secret_basic' }
          : { jwks: { keys: [clientKey] }, token_endpoint_auth_method: 'private_key_jwt' }),
        id_token_signed_response_alg: 'ES256',
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: [`${gateway}/auth/callback`],
        post_logout_redirect_uris: [`${gateway}/`],
        backchannel_logout_uri: `${gateway}/auth/backchannel-logout`,
        backchannel_logout_session_required: true,
      },
    ],
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    jwks: { keys: [signingKey()] },
    pkce: { required: () => true },
    scopes: ['openid', 'offline_access'],
    claims: { openid: ['sub', 'name', 'roles'] },
    // Claims of the user are in the ID token: the gateway requests no other data.
    conformIdTokenClaims: false,
    findAccount: (_context: unknown, id: string) => {
      const row = customers.get(id);
      if (row === undefined) return undefined;
      const roles = id === `c${SHOWN}` ? ['admin'] : [];
      return { accountId: id, claims: () => ({ sub: id, name: row.name, roles }) };
    },
    interactions: { url: (_context: unknown, { uid }: { readonly uid: string }) => `/interaction/${uid}` },
    ttl: {
      AccessToken: tokenSeconds,
      IdToken: 3_600,
      RefreshToken: 86_400,
      Session: 86_400,
      Grant: 86_400,
      Interaction: 3_600,
    },
    issueRefreshToken: () => true,
    rotateRefreshToken: () => true,
    expiresWithSession: () => false,
    features: features(tokenSeconds),
    // The provider's own dispatcher refuses addresses of this machine, where the gateway is.
    fetch: (url: string, { dispatcher: _guard, ...options }: RequestInit & { readonly dispatcher?: unknown }) =>
      fetch(url, options),
    // The gateway is the shop's own client: its users are not asked for consent.
    loadExistingGrant: async ({ oidc }: ProviderContext) => {
      const { client, session, provider } = oidc;
      const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
      grant.addOIDCScope('openid offline_access');
      grant.addResourceScope(RESOURCE, SCOPES);
      await grant.save();
      return grant;
    },
  };
};

interface ProviderContext {
  readonly oidc: {
    readonly client: { readonly clientId: string };
    readonly session: { readonly accountId: string };
    readonly provider: { readonly Grant: Provider['Grant'] };
  };
}
