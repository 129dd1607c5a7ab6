import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { portOf } from '../processes/ports.ts';
import { AUDIENCE } from './issuer.ts';

/** The parts of oidc-provider that tests use. The package has no types. */
interface Saved {
  save(): Promise<string>;
}

interface AccessToken extends Saved {
  readonly accountId: string;
  readonly expiration: number;
  resourceServer: unknown;
}

/** A request of the token endpoint. */
interface TokenRequest {
  readonly oidc: { readonly params: Readonly<Record<string, string>> };
  status: number;
  body: object;
}

interface Provider {
  readonly Client: { find(id: string): Promise<object> };
  readonly Grant: new (properties: object) => Saved & { addResourceScope(resource: string, scope: string): void };
  readonly AccessToken: (new (
    properties: object,
  ) => AccessToken) & { find(token: string): Promise<AccessToken | undefined> };
  readonly RefreshToken: new (properties: object) => Saved;
  readonly ResourceServer: new (id: string, properties: object) => unknown;
  registerGrantType(
    name: string,
    handler: (request: TokenRequest) => Promise<void>,
    parameters: readonly string[],
  ): void;
  callback(): (request: IncomingMessage, response: ServerResponse) => unknown;
}

type Providers = new (issuer: string, configuration: object) => Provider;

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const RESOURCE = 'urn:shop';
const SCOPE = 'orders:read';
const SECRET = 'a-secret-of-at-least-32-characters';

/** Audiences for which the client `gateway` may exchange tokens. */
const EXCHANGED_AUDIENCES: readonly string[] = ['notes'];

/** An authorization server (oidc-provider) with opaque access tokens, introspection, revocation and token exchange. */
export interface OpaqueProvider extends AsyncDisposable {
  readonly issuer: string;
  /** Secret of its clients `app` and `gateway`. */
  readonly secret: string;
  /** Number of introspection requests. */
  introspections(): number;
  /** Issues a token to the user `subject`; `more` are further properties, such as `jkt`. */
  userToken(subject: string, more?: object): Promise<string>;
  refreshToken(subject: string): Promise<string>;
  /** Obtains a token of the client `app` for itself. */
  clientToken(): Promise<string>;
  revoke(token: string): Promise<void>;
  /** The introspection response about a token. */
  introspect(token: string): Promise<Readonly<Record<string, unknown>>>;
  /** Number of exchanged tokens. */
  exchanges(): number;
}

const configuration = (publicKey: object) => ({
  clients: [
    {
      client_id: 'app',
      client_secret: SECRET,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    },
    { client_id: 'gateway', client_secret: SECRET, grant_types: [EXCHANGE], redirect_uris: [], response_types: [] },
    {
      ...{ client_id: 'gateway-with-key', grant_types: [], redirect_uris: [], response_types: [] },
      ...{ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicKey] } },
    },
  ],
  scopes: [SCOPE],
  features: {
    introspection: { enabled: true, allowedPolicy: () => true },
    revocation: { enabled: true, allowedPolicy: () => true },
    clientCredentials: { enabled: true },
    dPoP: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => RESOURCE,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: SCOPE, audience: AUDIENCE, accessTokenFormat: 'opaque' }),
    },
  },
  ttl: { ClientCredentials: 600, AccessToken: 600, RefreshToken: 600, Grant: 600 },
});

/** Properties of a token of this user for a client, with a grant of its own. */
const granted = async (provider: Provider, subject: string, clientId: string) => {
  const client = await provider.Client.find(clientId);
  const grant = new provider.Grant({ accountId: subject, clientId });
  grant.addResourceScope(RESOURCE, SCOPE);
  return { accountId: subject, client, grantId: await grant.save(), gty: 'authorization_code', scope: SCOPE };
};

/**
 * Adds token exchange (RFC 8693), which the package does not have: a valid access token of a user becomes one for another
 * audience, with the same user and the gateway as its client.
 */
const addTokenExchange = (provider: Provider, count: () => void): void => {
  const answer = async ({ params }: TokenRequest['oidc']): Promise<object> => {
    const subject = await provider.AccessToken.find(params.subject_token ?? '');
    if (params.subject_token_type !== ACCESS_TOKEN || subject === undefined) return { error: 'invalid_request' };
    if (!EXCHANGED_AUDIENCES.includes(params.audience ?? '')) return { error: 'invalid_target' };
    const properties = await granted(provider, subject.accountId, 'gateway');
    const issued = new provider.AccessToken({ ...properties, gty: 'token_exchange', expiresWithSession: false });
    issued.resourceServer = new provider.ResourceServer(RESOURCE, {
      audience: params.audience,
      accessTokenFormat: 'opaque',
    });
    count();
    const token = { access_token: await issued.save(), expires_in: issued.expiration };
    return { ...token, issued_token_type: ACCESS_TOKEN, token_type: 'Bearer' };
  };
  const parameters = ['subject_token', 'subject_token_type', 'requested_token_type', 'audience', 'resource', 'scope'];
  provider.registerGrantType(
    EXCHANGE,
    async (request) => {
      request.body = await answer(request.oidc);
      request.status = 'error' in request.body ? 400 : 200;
    },
    parameters,
  );
};

const FORM = 'application/x-www-form-urlencoded';

/** Starts the server. Its client `gateway-with-key` has this public key (a JWK). */
export const startOpaqueProvider = async (publicKey: object): Promise<OpaqueProvider> => {
  // Not a literal, for which TypeScript would look for types.
  const name: string = 'oidc-provider';
  const { default: Provider }: { default: Providers } = await import(name);
  let introspections = 0;
  let answer: ReturnType<Provider['callback']> = () => {};
  const server = createServer((request, response) => {
    if (request.url === '/token/introspection') introspections += 1;
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${portOf(server)}`;
  const provider = new Provider(issuer, configuration(publicKey));
  let exchanges = 0;
  addTokenExchange(provider, () => {
    exchanges += 1;
  });
  answer = provider.callback();

  const asClient = async (id: string, path: string, body: Readonly<Record<string, string>>): Promise<Response> => {
    const authorization = `Basic ${Buffer.from(`${id}:${SECRET}`).toString('base64')}`;
    const init = { method: 'POST', headers: { authorization, 'content-type': FORM }, body: new URLSearchParams(body) };
    const response = await fetch(issuer + path, init);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  return {
    issuer,
    secret: SECRET,
    introspections: () => introspections,
    userToken: async (subject, more = {}) => {
      const token = new provider.AccessToken({
        ...(await granted(provider, subject, 'app')),
        ...more,
        expiresWithSession: false,
      });
      token.resourceServer = new provider.ResourceServer(RESOURCE, { audience: AUDIENCE, accessTokenFormat: 'opaque' });
      return token.save();
    },
    refreshToken: async (subject) =>
      new provider.RefreshToken({ ...(await granted(provider, subject, 'app')), expiresWithSession: false }).save(),
    clientToken: async () => {
      const response = await asClient('app', '/token', { grant_type: 'client_credentials', scope: SCOPE });
      const { access_token: token }: { access_token?: unknown } = Object(await response.json());
      return String(token);
    },
    revoke: async (token) => void (await asClient('app', '/token/revocation', { token })),
    introspect: async (token) => Object(await (await asClient('gateway', '/token/introspection', { token })).json()),
    exchanges: () => exchanges,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
