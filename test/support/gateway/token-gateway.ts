import type { IncomingHttpHeaders } from 'node:http';
import type { SchemaModule } from 'tributary/backend';
import { onTestFinished } from 'vitest';
import { connectAll, requiredEndpoints, requiredSecrets } from '../../../src/app/upstream-registry.ts';
import { memoryStore } from '../../../src/cache/memory.ts';
import { readSecrets } from '../../../src/config/secrets/read-secrets.ts';
import { secretStore } from '../../../src/config/secrets/secret-store.ts';
import { readConfig } from '../../../src/config/settings.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { buildGateway } from '../../../src/graph/build-gateway.ts';
import { createPublicListener, type PublicListenerOptions } from '../../../src/http/graphql/public-listener.ts';
import { signedIn } from '../../../src/testing/signed-in.ts';
import type { TokenIssuer } from '../../../src/upstream/credentials/internal-tokens.ts';
import { trusting } from '../auth/authenticators.ts';
import { portOf } from '../processes/ports.ts';
import { withoutHeadersTimeout } from './without-headers-timeout.ts';

export interface TokenGateway {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  readonly port: number;
  /** Posts a query; `token` is sent as the bearer token. */
  query(query: string, token?: string | null, headers?: IncomingHttpHeaders): Promise<QueryResult>;
}

export interface QueryResult {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what was asked for is known to the test only
  readonly data: any;
  /** Codes of the errors. */
  readonly codes: readonly unknown[];
  readonly text: string;
}

export interface TokenGatewayOptions {
  readonly issuer?: TokenIssuer;
  readonly listener?: Partial<PublicListenerOptions>;
}

/**
 * A gateway of these modules with real connections, a store and secrets, until the test ends. A token is accepted as its
 * subject, and its part behind a dot is ignored: `ann.1` and `ann.2` are two tokens of one principal.
 */
export const tokenGateway = async (
  modules: readonly SchemaModule[],
  env: Readonly<Record<string, string>>,
  { issuer, listener = {} }: TokenGatewayOptions = {},
): Promise<TokenGateway> => {
  const { required } = readConfig(env, requiredEndpoints(modules));
  const { found } = readSecrets(env, requiredSecrets(modules));
  const secrets = secretStore(found, systemClock);
  const patient = modules.map((module) => ({
    ...module,
    upstreams: Object.fromEntries(
      Object.entries(module.upstreams).map(([name, upstream]) => [name, { ...upstream, timeoutMs: 150_000 }]),
    ),
  }));
  const upstreams = connectAll(patient, required, {
    ...{ clock: systemClock, secrets, connectTimeoutMs: 100_000, issuer },
  });
  const gateway = buildGateway({ modules, connect: upstreams.connect, store: memoryStore(systemClock) });
  await gateway.start();
  const app = createPublicListener({
    gateway,
    clock: systemClock,
    authenticator: trusting((token) => signedIn({ subject: token.split('.')[0] ?? '' })),
    config: { requestTimeoutMs: 200_000, maxBodyBytes: 1_048_576, corsOrigins: [], explorer: false },
    readiness: () => true,
    log: { warn: () => {}, error: (message, fields) => console.error(message, fields) },
    ...listener,
  });
  withoutHeadersTimeout(app);
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(async () => {
    app.server.closeAllConnections();
    await app.close();
    await gateway.stop();
    await upstreams.close();
    secrets.close();
  });
  return {
    origin,
    port: portOf(app.server),
    query: async (query, token = null, headers = {}) => {
      const response = await fetch(`${origin}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token !== null && { authorization: `Bearer ${token}` }),
          ...(headers as Record<string, string>), // tests send single values
        },
        body: JSON.stringify({ query }),
      });
      const text = await response.text();
      const { data, errors = [] } = JSON.parse(text);
      const codes = errors.map(({ extensions }: { extensions: { code: string } }) => extensions.code);
      return { status: response.status, data, codes, text };
    },
  };
};
