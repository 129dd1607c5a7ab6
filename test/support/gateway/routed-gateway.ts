import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { SchemaModule } from 'tributary/backend';
import { connectAll, requiredEndpoints } from '../../../src/app/upstream-registry.ts';
import { readConfig } from '../../../src/config/settings.ts';
import { type Clock, systemClock } from '../../../src/core/clock.ts';
import { buildGateway } from '../../../src/graph/build-gateway.ts';
import type { AccessEntry } from '../../../src/http/exchange/access-log.ts';
import { createPublicListener, type PublicListenerOptions } from '../../../src/http/graphql/public-listener.ts';
import { signedIn } from '../../../src/testing/signed-in.ts';
import { trusting } from '../auth/authenticators.ts';
import { rawBackend } from '../backends/raw-backend.ts';
import { listeningApp } from '../http/listening-app.ts';

/** One request as the backend received it. */
export interface ReceivedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** A gateway with pass-through routes, and one backend for all of its upstreams, over real connections. */
export interface RoutedGateway extends AsyncDisposable {
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  readonly app: FastifyInstance;
  /** Requests that the backend received, in order. */
  readonly received: ReceivedRequest[];
  /** Entries of the access log. */
  readonly access: AccessEntry[];
}

export interface RoutedOptions {
  readonly clock?: Clock;
  /** URLs of the backend. Default: that of `answer`. */
  readonly urls?: readonly string[];
  readonly listener?: Partial<PublicListenerOptions>;
  readonly config?: Partial<PublicListenerOptions['config']>;
  readonly store?: Parameters<typeof buildGateway>[0]['store'];
}

/** Accepts every token, as its subject. `a+b+c` is the subject a with the scopes b and c. */
export const TRUSTED_SUBJECTS = trusting((token) => {
  const [subject = '', ...scopes] = token.split('+');
  return signedIn({ subject, scopes });
});

const endpointsOf = (modules: readonly SchemaModule[], urls: readonly string[]) =>
  Object.fromEntries(requiredEndpoints(modules).map(({ variable }) => [variable, urls.join(',')]));

/** Starts a gateway of these modules. `answer` is the backend of all of their upstreams. */
export const routedGateway = async (
  modules: readonly SchemaModule[],
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  { clock = systemClock, urls, listener = {}, config = {}, store = null }: RoutedOptions = {},
): Promise<RoutedGateway> => {
  const received: ReceivedRequest[] = [];
  const access: AccessEntry[] = [];
  const backend = await rawBackend((request, response) => {
    const { method = '', url = '', headers } = request;
    received.push({ method, url, headers });
    answer(request, response);
  });
  const { required } = readConfig(endpointsOf(modules, urls ?? [backend.url]), requiredEndpoints(modules));
  const upstreams = connectAll(modules, required, { clock, connectTimeoutMs: 100_000 });
  const gateway = buildGateway({ modules, connect: upstreams.connect, store });
  await gateway.start();
  const app = createPublicListener({
    gateway,
    clock,
    authenticator: TRUSTED_SUBJECTS,
    readiness: () => true,
    log: { warn: () => {}, error: (message, fields) => console.error(message, fields) },
    access: (entry) => void access.push(entry),
    ...listener,
    config: { requestTimeoutMs: 200_000, maxBodyBytes: 1_048_576, corsOrigins: [], explorer: false, ...config },
  });
  const listening = await listeningApp(app, gateway);
  return {
    port: listening.port,
    origin: listening.origin,
    app,
    received,
    access,
    [Symbol.asyncDispose]: async () => {
      await listening[Symbol.asyncDispose]();
      await backend[Symbol.asyncDispose]();
      await upstreams.close();
    },
  };
};
