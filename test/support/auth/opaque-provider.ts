import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { portOf } from '../processes/ports.ts';
import { AUDIENCE } from './issuer.ts';

/** The parts of oidc-provider that tests use. The package has no types. */
interface Saved {
  save(): Promise<string>;
}

interface AccessToken extends Saved {
  resourceServer: unknown;
}

interface Provider {
  readonly Client: { find(id: string): Promise<object> };
  readonly Grant: new (properties: object) => Saved & { addResourceScope(resource: string, scope: string): void };
  readonly AccessToken: new (properties: object) => AccessToken;
  readonly RefreshToken: new (properties: object) => Saved;
  readonly ResourceServer: new (id: string, properties: object) => unknown;
  callback(): (request: IncomingMessage, response: ServerResponse) => unknown;
}

type Providers = new (issuer: string, configuration: object) => Provider;

const RESOURCE = 'urn:shop';
const SCOPE = 'orders:read';
const SECRET = 'a-secret-of-at-least-32-characters';

/** An authorization server (oidc-provider) with opaque access tokens, introspection and revocation. */
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
    { client_id: 'gateway', client_secret: SECRET, grant_types: [], redirect_uris: [], response_types: [] },
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
  answer = provider.callback();

  const asApp = async (path: string, body: Readonly<Record<string, string>>): Promise<Response> => {
    const authorization = `Basic ${Buffer.from(`app:${SECRET}`).toString('base64')}`;
    const init = { method: 'POST', headers: { authorization, 'content-type': FORM }, body: new URLSearchParams(body) };
    const response = await fetch(issuer + path, init);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  const granted = async (subject: string) => {
    const client = await provider.Client.find('app');
    const grant = new provider.Grant({ accountId: subject, clientId: 'app' });
    grant.addResourceScope(RESOURCE, SCOPE);
    return { accountId: subject, client, grantId: await grant.save(), gty: 'authorization_code', scope: SCOPE };
  };
  return {
    issuer,
    secret: SECRET,
    introspections: () => introspections,
    userToken: async (subject, more = {}) => {
      const token = new provider.AccessToken({ ...(await granted(subject)), ...more, expiresWithSession: false });
      token.resourceServer = new provider.ResourceServer(RESOURCE, { audience: AUDIENCE, accessTokenFormat: 'opaque' });
      return token.save();
    },
    refreshToken: async (subject) =>
      new provider.RefreshToken({ ...(await granted(subject)), expiresWithSession: false }).save(),
    clientToken: async () => {
      const response = await asApp('/token', { grant_type: 'client_credentials', scope: SCOPE });
      const { access_token: token }: { access_token?: unknown } = Object(await response.json());
      return String(token);
    },
    revoke: async (token) => void (await asApp('/token/revocation', { token })),
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
