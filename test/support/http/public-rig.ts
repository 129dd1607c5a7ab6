import type { FastifyInstance } from 'fastify';
import { tokenAuthenticator } from '../../../src/auth/tokens/token-authenticator.ts';
import { systemClock } from '../../../src/core/clock.ts';
import {
  createPublicListener,
  type PublicListenerConfig,
  type PublicListenerOptions,
} from '../../../src/http/graphql/public-listener.ts';
import type { Log } from '../../../src/telemetry/log/log.ts';
import { listeningApp } from './listening-app.ts';
import { type TestGateway, testGateway } from './test-gateway.ts';

export const silent: Log = { warn: () => {}, error: () => {} };

export interface PublicRig extends AsyncDisposable {
  readonly app: FastifyInstance;
  readonly gateway: TestGateway;
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** Entries logged as errors. */
  readonly errors: readonly unknown[];
  /** Entries logged as warnings. */
  readonly warnings: readonly unknown[];
  /** Addresses of the clients of all requests that have ended. */
  readonly clients: readonly string[];
}

export const exampleQuery = `query OrderPage {
  orders(first: 20) {
    id
    status
  }
}
`;

/** Starts a public listener on `port`, or on a free one, over the test gateway. */
export const publicRig = async (
  config: Partial<PublicListenerConfig> = {},
  options: Pick<
    Partial<PublicListenerOptions>,
    'clock' | 'authenticator' | 'sessions' | 'limits' | 'telemetry' | 'access' | 'audit' | 'directEdge'
  > & { readonly port?: number } = {},
): Promise<PublicRig> => {
  const gateway = await testGateway();
  const errors: unknown[] = [];
  const warnings: unknown[] = [];
  const clients: string[] = [];
  const app = createPublicListener({
    clock: systemClock,
    authenticator: tokenAuthenticator({ issuers: [], clock: systemClock, log: silent }),
    ...options,
    access: (entry) => {
      clients.push(entry.client.address);
      options.access?.(entry);
    },
    gateway,
    config: {
      requestTimeoutMs: 200_000,
      maxBodyBytes: 10_000,
      corsOrigins: [],
      explorer: false,
      exampleQuery,
      ...config,
    },
    readiness: () => true,
    log: {
      warn: (message, fields) => void warnings.push({ message, ...fields }),
      error: (message, fields) => void errors.push({ message, ...fields }),
    },
  });
  const listening = await listeningApp(app, gateway, options.port);
  return {
    app,
    gateway,
    port: listening.port,
    origin: listening.origin,
    errors,
    warnings,
    clients,
    [Symbol.asyncDispose]: listening[Symbol.asyncDispose],
  };
};
