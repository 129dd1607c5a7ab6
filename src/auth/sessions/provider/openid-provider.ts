import * as openid from 'openid-client';
import { ProviderUnavailableError } from './bounded-fetch.ts';
import { causesOf, type OpenIdProviderOptions, providerConfiguration } from './provider-configuration.ts';
import { type KeptTokens, type TokenAnswer, type Tokens, tokensOf } from './tokens.ts';

/** The values that bind an answer of the provider to its request. */
export interface SignInSecrets {
  readonly state: string;
  readonly nonce: string;
  /** PKCE (RFC 7636). */
  readonly verifier: string;
}

export const signInSecrets = (): SignInSecrets => ({
  state: openid.randomState(),
  nonce: openid.randomNonce(),
  verifier: openid.randomPKCECodeVerifier(),
});

/** Outcome of a request for tokens. Reasons are for logs, and have no token. */
export type TokensOutcome =
  | { readonly is: 'granted'; readonly tokens: Tokens }
  /** `error` is the provider's code, such as `access_denied`; null for an answer that failed a check. */
  | { readonly is: 'refused'; readonly error: string | null; readonly reason: string }
  | { readonly is: 'unavailable'; readonly reason: string };

/** The OpenID provider of sessions. */
export interface OpenIdProvider {
  /** Returns the URL of a sign-in; null while the provider does not answer. */
  signInUrl(secrets: SignInSecrets): Promise<string | null>;
  /** Checks the answer in the query of the callback, and exchanges its code for tokens. */
  exchange(search: string, secrets: SignInSecrets): Promise<TokensOutcome>;
  /** Uses a refresh token. The answer keeps what it does not replace. `refused`: the token cannot be used any more. */
  refresh(kept: KeptTokens): Promise<TokensOutcome>;
  /** Returns the URL of the provider's logout; null for none, and while the provider does not answer. */
  signOutUrl(idToken: string): Promise<string | null>;
  /** Revokes a refresh token (RFC 7009), if the provider does. Never rejects. */
  revoke(refreshToken: string): Promise<void>;
}

/** Errors about the client or the provider, and not about a token (RFC 6749, 5.2): sessions outlive them. */
const NOT_OF_A_TOKEN: ReadonlySet<string | null> = new Set([
  ...['invalid_client', 'unauthorized_client', 'unsupported_grant_type', 'server_error', 'temporarily_unavailable'],
]);

const outcomeOf = (error: unknown): TokensOutcome => {
  const causes = [...causesOf(error)];
  const unavailable = causes.find((cause) => cause instanceof ProviderUnavailableError);
  if (unavailable !== undefined) return { is: 'unavailable', reason: unavailable.message };
  if (error instanceof openid.ResponseBodyError || error instanceof openid.AuthorizationResponseError)
    return { is: 'refused', error: error.error, reason: `the provider answered ${error.error.slice(0, 100)}` };
  // RFC 6749, 5.2: 401 has a challenge for a client that is not authenticated.
  if (error instanceof openid.WWWAuthenticateChallengeError && error.status === 401)
    return { is: 'refused', error: 'invalid_client', reason: 'the provider answered 401 with a challenge' };
  return { is: 'refused', error: null, reason: causes.map(({ message }) => message).join(': ') || 'invalid answer' };
};

/** Opens the client of a provider. */
export const openIdProvider = (options: OpenIdProviderOptions): OpenIdProvider => {
  const { settings } = options;
  const { origin, scope } = settings;
  const redirectUri = `${origin}/auth/callback`;
  const configuration = providerConfiguration(options);

  /** Requests tokens. Never rejects. */
  const tokens = async (
    request: (config: openid.Configuration) => Promise<TokenAnswer>,
    kept: KeptTokens | null,
  ): Promise<TokensOutcome> => {
    const config = await configuration();
    if (config === null) return { is: 'unavailable', reason: 'the metadata of the provider is not available' };
    try {
      const answer = await request(config);
      return { is: 'granted', tokens: tokensOf(answer, settings, kept) };
    } catch (error) {
      return outcomeOf(error);
    }
  };

  return {
    signInUrl: async ({ state, nonce, verifier }) => {
      const config = await configuration();
      if (config === null) return null;
      return openid.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope,
        state,
        nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }).href;
    },
    exchange: (search, { state, nonce, verifier }) =>
      tokens(
        (config) =>
          openid.authorizationCodeGrant(config, new URL(redirectUri + search), {
            expectedState: state,
            expectedNonce: nonce,
            pkceCodeVerifier: verifier,
            idTokenExpected: true,
          }),
        null,
      ),
    refresh: async (kept) => {
      const outcome = await tokens((config) => openid.refreshTokenGrant(config, kept.refreshToken ?? ''), kept);
      if (outcome.is !== 'refused' || !NOT_OF_A_TOKEN.has(outcome.error)) return outcome;
      return { is: 'unavailable', reason: outcome.reason };
    },
    signOutUrl: async (idToken) => {
      const config = await configuration();
      if (config?.serverMetadata().end_session_endpoint === undefined) return null;
      return openid.buildEndSessionUrl(config, { id_token_hint: idToken, post_logout_redirect_uri: `${origin}/` }).href;
    },
    revoke: async (refreshToken) => {
      const config = await configuration();
      if (config?.serverMetadata().revocation_endpoint === undefined) return;
      await openid.tokenRevocation(config, refreshToken, { token_type_hint: 'refresh_token' }).catch(() => {});
    },
  };
};
