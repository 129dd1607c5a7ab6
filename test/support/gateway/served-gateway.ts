import type { SchemaModule } from 'tributary/backend';
import { signedIn } from 'tributary/testing';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { buildGateway, type GatewayOptions } from '../../../src/graph/build-gateway.ts';
import {
  createPublicListener,
  type PublicListenerConfig,
  type PublicListenerOptions,
} from '../../../src/http/graphql/public-listener.ts';
import type { RequestLimitOptions } from '../../../src/http/limits/exchange-limits.ts';
import type { Call } from '../../../src/upstream/call.ts';
import { trusting } from '../auth/authenticators.ts';
import { withoutHeadersTimeout } from './without-headers-timeout.ts';

export interface ServedOptions extends Partial<Omit<GatewayOptions, 'modules' | 'connect'>> {
  readonly modules: readonly SchemaModule[];
  /** Answer of the upstreams. Default: null. */
  readonly answer?: (call: Call) => unknown;
  /** Sends the calls to upstreams. Default: they are answered with `answer`. */
  readonly connect?: GatewayOptions['connect'];
  /** Limits of requests. Default: none. */
  readonly requestLimits?: RequestLimitOptions;
  readonly listener?: Partial<PublicListenerConfig>;
  /** Further parts of the listener. Default of `authenticator`: accepts every token. */
  readonly edge?: Partial<
    Pick<PublicListenerOptions, 'access' | 'audit' | 'authenticator' | 'clock' | 'directEdge' | 'memory' | 'telemetry'>
  >;
}

export interface Asked {
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** Further parameters. */
  readonly params?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sends the query by GET. */
  readonly get?: boolean;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what was asked for is known to the test only
  readonly body: any;
}

export interface ServedGateway {
  readonly origin: string;
  /** Routes of every call to an upstream, in order. */
  readonly calls: readonly string[];
  /** Queries over HTTP; `authorization: Bearer <subject>` makes it that user's request. */
  runQuery(query: string | undefined, asked?: Asked): Promise<HttpAnswer>;
}

const PREFLIGHTED = { 'apollo-require-preflight': 'yes' };

/** A gateway of these modules behind its real HTTP edge, on a free port, until the test ends. Accepts every token. */
export const servedGateway = async (options: ServedOptions): Promise<ServedGateway> => {
  const { modules, answer = () => null, requestLimits, listener = {}, edge = {}, ...rest } = options;
  const calls: string[] = [];
  const answered: GatewayOptions['connect'] = () => async (call) => {
    calls.push(call.route);
    return { status: 200, headers: {}, size: 0, value: await answer(call) };
  };
  const { connect = answered } = options;
  const gateway = buildGateway({
    ...rest,
    modules,
    connect,
  });
  await gateway.start();
  const app = createPublicListener({
    gateway,
    clock: systemClock,
    authenticator: trusting((subject) => signedIn({ subject })),
    limits: requestLimits,
    ...edge,
    config: { requestTimeoutMs: 200_000, maxBodyBytes: 1_048_576, corsOrigins: [], explorer: false, ...listener },
    readiness: () => true,
    log: { warn: () => {}, error: () => {} },
  });
  withoutHeadersTimeout(app);
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(async () => {
    app.server.closeAllConnections();
    await app.close();
    await gateway.stop();
  });

  const send = (query: string | undefined, asked: Asked) => {
    const { variables, operationName, extensions, params: others = {}, headers = {}, get = false } = asked;
    if (!get)
      return fetch(`${origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables, operationName, extensions, ...others }),
      });
    const params = new URLSearchParams(others);
    if (query !== undefined) params.set('query', query);
    if (variables !== undefined) params.set('variables', JSON.stringify(variables));
    if (operationName !== undefined) params.set('operationName', operationName);
    if (extensions !== undefined) params.set('extensions', JSON.stringify(extensions));
    return fetch(`${origin}/graphql?${params}`, { headers: { ...PREFLIGHTED, ...headers } });
  };
  return {
    origin,
    calls,
    runQuery: async (query, asked = {}) => {
      const response = await send(query, asked);
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
    },
  };
};
