import type { IncomingMessage, ServerResponse } from 'node:http';
import orders from '../../../schema/orders/index.ts';
import { connectAll, requiredEndpoints } from '../../../src/app/upstream-registry.ts';
import { apiKeyAuthenticator } from '../../../src/auth/api-keys/api-key-authenticator.ts';
import { firstCredential } from '../../../src/auth/first-credential.ts';
import type { RefusedConnection } from '../../../src/config/egress/egress-guard.ts';
import { readConfig } from '../../../src/config/settings.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { buildGateway } from '../../../src/graph/build-gateway.ts';
import { createPublicListener } from '../../../src/http/graphql/public-listener.ts';
import { memoryCallCounters } from '../../../src/rate-limit/call-counter.ts';
import type { RequestContext } from '../../../src/request/request-context.ts';
import { signedIn } from '../../../src/testing/signed-in.ts';
import { directEgress } from '../../../src/upstream/egress/egress.ts';
import { trusting } from '../../support/auth/authenticators.ts';
import { type RawBackend, rawBackend } from '../../support/backends/raw-backend.ts';
import { listeningApp } from '../../support/http/listening-app.ts';
import { KEYS } from './attacked-keys.ts';
import { type AttackedTokens, startAttackedTokens } from './attacked-tokens.ts';
import { attackedGuard, FORGERY, forgeryEndpoints } from './forgery-module.ts';
import { MODULES } from './modules.ts';

/** One call as an upstream received it. */
export interface ReceivedCall {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** One gateway with a real HTTP listener, and one backend that serves all upstreams over real connections. */
export interface Rig extends AsyncDisposable {
  /** False if every request passes through Fastify. */
  readonly isDirect: boolean;
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** Calls received by upstreams since `forget`. */
  readonly received: readonly ReceivedCall[];
  /** Contexts of all operations since `forget`. */
  readonly contexts: readonly RequestContext[];
  /** Requests for /slow that the backend holds without an answer. The caller may have disconnected. */
  readonly held: readonly ServerResponse[];
  /** Connections that the guard of egress has refused since `forget`. */
  readonly refused: readonly RefusedConnection[];
  /** Everything logged as an error. */
  readonly errors: readonly unknown[];
  /** Another listener, which verifies tokens. */
  readonly tokens: AttackedTokens;
  forget(): void;
}

/** Maximum length of a request body. */
export const MAX_BODY_BYTES = 100_000;
const MEBIBYTE = 1_048_576;

/**
 * Knows a few API keys. Accepts every token and uses it, percent-decoded, as the subject: a claim may hold characters
 * that a header cannot.
 */
const TRUSTING = firstCredential([
  apiKeyAuthenticator({ keys: KEYS }),
  trusting((token) => signedIn({ subject: decodeURIComponent(token) })),
]);

const endpointsAt = ({ url }: RawBackend) => ({
  SHOP_PRODUCTS_ENDPOINTS: url,
  DOOR_OPEN_ENDPOINTS: `${url}/base`,
  DOOR_FORWARDED_ENDPOINTS: url,
  DOOR_CLIENT_ENDPOINTS: url,
  DOOR_SLOW_ENDPOINTS: url,
  ORDERS_ORDERS_ENDPOINTS: url,
  ...forgeryEndpoints(url),
});

const bodyOf = ({ url = '', headers }: IncomingMessage): unknown => {
  if (url === '/node') return { name: 'a node' };
  if (url === '/products') return null;
  return url === '/plain' ? (headers['x-tenant'] ?? 'ok') : 'ok';
};

const listeningBackend = async () => {
  const received: ReceivedCall[] = [];
  const held: ServerResponse[] = [];
  const backend = await rawBackend((request, response) => {
    const { method = '', url = '', headers } = request;
    // Health checks run in the background.
    if (url !== '/health') received.push({ method, url, headers });
    if (url === '/closed') response.setHeader('connection', 'close');
    if (url === '/slow') held.push(response);
    else if (url === '/away') response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end();
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(bodyOf(request)));
  });
  return { backend, received, held };
};

/**
 * Starts the rig. `isDirect` is false to pass every request through Fastify, and every operation through Apollo's pipeline.
 */
export const startRig = async (isDirect: boolean): Promise<Rig> => {
  const { backend, received, held } = await listeningBackend();
  const modules = [...MODULES, FORGERY, orders];
  const { required } = readConfig(endpointsAt(backend), requiredEndpoints(modules));
  const refused: RefusedConnection[] = [];
  const upstreams = connectAll(modules, required, {
    clock: systemClock,
    connectTimeoutMs: 100_000,
    egress: { ...directEgress(memoryCallCounters()), guard: attackedGuard((one) => refused.push(one)) },
  });
  const contexts: RequestContext[] = [];
  const gateway = buildGateway({
    modules,
    connect: upstreams.connect,
    maxFields: 20_000,
    caches: { documents: 8 * MEBIBYTE, persisted: 4 * MEBIBYTE, plans: 8 * MEBIBYTE },
    knownOperations: isDirect,
  });
  await gateway.start();
  const errors: unknown[] = [];
  const app = createPublicListener({
    gateway: {
      execute: (params, context) => {
        contexts.push(context);
        return gateway.execute(params, context);
      },
    },
    directEdge: isDirect,
    clock: systemClock,
    authenticator: TRUSTING,
    config: { requestTimeoutMs: 200_000, maxBodyBytes: MAX_BODY_BYTES, corsOrigins: [], explorer: false },
    readiness: () => true,
    log: { warn: () => {}, error: (message, fields) => void errors.push({ message, ...fields }) },
  });
  const listening = await listeningApp(app, gateway);
  const tokens = await startAttackedTokens(isDirect);
  return {
    port: listening.port,
    origin: listening.origin,
    isDirect,
    received,
    held,
    refused,
    contexts,
    errors,
    tokens,
    forget: () => {
      contexts.length = 0;
      received.length = 0;
      held.length = 0;
      refused.length = 0;
    },
    [Symbol.asyncDispose]: async () => {
      await tokens[Symbol.asyncDispose]();
      await listening[Symbol.asyncDispose]();
      await backend[Symbol.asyncDispose]();
      await upstreams.close();
    },
  };
};
