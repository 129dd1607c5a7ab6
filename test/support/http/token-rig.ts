import { firstCredential } from '../../../src/auth/first-credential.ts';
import { type TokenOptions, tokenAuthenticator } from '../../../src/auth/tokens/token-authenticator.ts';
import type { IssuerSettings } from '../../../src/config/tokens/issuers.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { PublicListenerConfig } from '../../../src/http/graphql/public-listener.ts';
import { authenticate } from '../auth/authenticators.ts';
import { AUDIENCE, ISSUER, startIssuer, type TestIssuer } from '../auth/issuer.ts';
import { type SigningKey, signingKey } from '../auth/signing.ts';
import { manualClock } from '../clock/manual-clock.ts';
import { type PublicRig, publicRig, silent } from './public-rig.ts';
import { exchange, post } from './raw-http.ts';

// Tokens are issued and verified with one stopped clock, so that limits in seconds also hold on a slow machine.
export const { wallTime } = manualClock();

/** The rig's time, in seconds since 1970. */
export const NOW = Math.floor(wallTime() / 1_000);

export const SECOND = 'https://second.example';

/** Request body that queries the principal. */
export const PRINCIPAL = JSON.stringify({ query: '{ principal }' });

export const settingsOf = (issuer: TestIssuer, name = ISSUER): IssuerSettings => ({
  issuer: name,
  audience: AUDIENCE,
  keys: { by: 'url', url: issuer.jwksUrl } as const,
  roles: 'roles',
  typ: 'at+jwt',
});

export interface TokenRig extends AsyncDisposable {
  readonly edge: PublicRig;
  /** Publishes `issuer.key` and `rsa`. */
  readonly issuer: TestIssuer;
  readonly rsa: SigningKey;
  readonly second: TestIssuer;
  /** An issuer that is not trusted. */
  readonly evil: TestIssuer;
  sendRequest(authorization: string | undefined): Promise<TokenAnswer>;
}

export interface TokenAnswer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly data: { readonly principal: string }; readonly errors?: unknown };
}

export interface TokenRigOptions {
  /** Default: true. */
  readonly directEdge?: boolean;
  readonly config?: Partial<PublicListenerConfig>;
  /** Further options of the authenticator. Default: none. */
  readonly tokens?: Partial<TokenOptions>;
  /** Further issuers. Default: none. */
  readonly issuers?: readonly IssuerSettings[];
}

/**
 * Starts a public listener that trusts two issuers and has just fetched their keys: no token can cause another fetch.
 */
export const tokenRig = async (options: TokenRigOptions = {}): Promise<TokenRig> => {
  const issuer = await startIssuer(wallTime);
  const second = await startIssuer(wallTime, SECOND);
  const evil = await startIssuer(wallTime);
  const rsa = signingKey('rsa', 'RS256');
  issuer.published = [issuer.key.jwk, rsa.jwk];
  const issuers = [settingsOf(issuer), settingsOf(second, SECOND), ...(options.issuers ?? [])];
  const authenticator = firstCredential([
    tokenAuthenticator({ issuers, clock: systemClock, log: silent, wallTime, ...options.tokens }),
  ]);
  await authenticate(authenticator, `Bearer ${issuer.token()}`);
  await authenticate(authenticator, `Bearer ${second.token()}`);
  const { directEdge = true, config = {} } = options;
  const edge = await publicRig(config, { authenticator, directEdge });
  return {
    edge,
    issuer,
    rsa,
    second,
    evil,
    sendRequest: async (authorization) => {
      const { answer } = await exchange(
        edge.port,
        post(PRINCIPAL, authorization === undefined ? {} : { authorization }),
      );
      return {
        status: answer?.status,
        headers: answer?.headers ?? {},
        body: JSON.parse(Buffer.from(answer?.body ?? '{}', 'latin1').toString()),
      };
    },
    [Symbol.asyncDispose]: async () => {
      authenticator.close();
      await edge[Symbol.asyncDispose]();
      for (const one of [issuer, second, evil]) await one[Symbol.asyncDispose]();
    },
  };
};
