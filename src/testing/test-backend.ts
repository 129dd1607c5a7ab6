import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { GraphQLFormattedError } from 'graphql';
import { credentialSettingsOf, type SecretLookup } from '../backend/credentials/credential-settings.ts';
import type { SchemaModule } from '../backend/define/module.ts';
import type { UpstreamDefinition } from '../backend/define/upstream-options.ts';
import { type DeclaredUpstream, upstreamSettings } from '../backend/define/upstream-settings.ts';
import { memoryStore } from '../cache/memory.ts';
import type { CacheStore } from '../cache/store.ts';
import { PLACEHOLDER_SECRET } from '../config/secrets/read-secrets.ts';
import { constantText } from '../config/secrets/secret-store.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import { buildGateway } from '../graph/build-gateway.ts';
import { ANONYMOUS, type Principal, type RequestContext } from '../request/request-context.ts';
import type { Log } from '../telemetry/log/log.ts';
import { untraced } from '../telemetry/open-trace.ts';
import type { Call, RestMessage, Send } from '../upstream/call.ts';
import type { CredentialSettings } from '../upstream/credentials/call-credentials.ts';
import { endpointAt } from '../upstream/endpoints/endpoint.ts';
import { parseEndpoints } from '../upstream/endpoints/endpoint-list.ts';
import type { ReportFault } from '../upstream/error-response/map-error-response.ts';
import {
  connectUpstream,
  transportTo,
  type Upstream,
  type UpstreamSettings,
  upstreamOn,
} from '../upstream/upstream.ts';
import { isStream, type Scripted, scripted } from './scripted.ts';
import { scriptedSend } from './scripted-send.ts';
import { skippingClock } from './skipping-clock.ts';
import { requestRoute, type TestRequest, type TestResponse } from './test-request.ts';

/**
 * Scripts by upstream name; `<module>.<upstream>` for the other modules of `beside`. A text is the address of a running
 * server, as in `http://127.0.0.1:8080` or `grpc://127.0.0.1:9090`.
 */
export type Scripts = Readonly<Record<string, Scripted | string>>;

export interface TestBackendOptions {
  /** Other modules of the graph, for example those that own fields which this module needs. Default: none. */
  readonly beside?: readonly SchemaModule[];
  /** Headers of the client's request, for `forward`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Caller of the requests. Default: anonymous. */
  readonly principal?: Principal;
  /** Timeout of a request in milliseconds. Default 5,000. */
  readonly requestTimeoutMs?: number;
  /** Secrets by variable, for running servers. Default: a placeholder for each. */
  readonly secrets?: Readonly<Record<string, string>>;
  /**
   * Store for entities and answers that `cache` and @cacheControl allow to be kept: `memory`, or a store of the test.
   * Default: nothing is kept.
   */
  readonly store?: CacheStore | 'memory';
}

export interface TestAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: only the test knows the operation
  readonly data: any;
  readonly errors: readonly GraphQLFormattedError[] | undefined;
}

export interface TestGateway extends AsyncDisposable {
  /**
   * Executes an operation in a new request. `principal` replaces that of the options.
   *
   * @throws Error if a call to an upstream has no scripted response, and for a fault of an upstream's `errors`.
   */
  query(document: string, variables?: Readonly<Record<string, unknown>>, principal?: Principal): Promise<TestAnswer>;
  /**
   * Sends a request to a pass-through route of the module.
   *
   * @throws Error as `query`
   */
  request(method: RestMessage['method'], url: string, request?: TestRequest): Promise<TestResponse>;
  /** All calls to upstreams so far, in order: `<module>.<upstream> <route>`. */
  readonly calls: readonly string[];
  /** Closes the connections to running servers. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A token that would be issued for a caller is the placeholder, for every caller. */
const withoutCallers = (settings: CredentialSettings | null = null): CredentialSettings | null => {
  const by = settings?.auth?.by;
  if (settings === null || (by !== 'tokenExchange' && by !== 'internalToken')) return settings;
  return { ...settings, auth: { by: 'bearer', token: constantText(PLACEHOLDER_SECRET) } };
};

/** Placeholders instead of secrets and access tokens: scripts need none, and no token request is sent. */
const placeholderCredentials = (definition: UpstreamDefinition): CredentialSettings | null => {
  const settings = withoutCallers(credentialSettingsOf(definition, () => constantText(PLACEHOLDER_SECRET)));
  return settings && { ...settings, requestToken: async () => ({ token: PLACEHOLDER_SECRET, lifetimeS: null }) };
};

/** No retry and no circuit: `calls` has exactly the calls of the module, and a failure has no later effect. */
const ONE_ATTEMPT = { retry: false, circuit: false } as const;

const scriptedSettings = ({ module, name, definition }: DeclaredUpstream): UpstreamSettings => ({
  name: `${module.name}.${name}`,
  protocol: 'rest',
  sources: [{ by: 'address', endpoint: endpointAt('http://scripted.invalid') }],
  traffic: { timeoutMs: definition.timeoutMs, ...ONE_ATTEMPT },
  check: { by: 'connecting' },
  credentials: placeholderCredentials(definition),
  transform: definition.protocol === 'graphql' ? undefined : definition.transform,
});

const serverSettings = (
  upstream: DeclaredUpstream,
  address: string,
  { secrets = {} }: TestBackendOptions,
): UpstreamSettings => {
  const { timeoutMs, maxResponseBytes, protocol } = upstream.definition;
  const textOf: SecretLookup = ({ variable }) => constantText(secrets[variable] ?? PLACEHOLDER_SECRET);
  const settings = upstreamSettings(upstream, parseEndpoints(address, protocol), textOf);
  return {
    ...settings,
    credentials: withoutCallers(settings.credentials),
    traffic: { timeoutMs, maxResponseBytes, ...ONE_ATTEMPT },
    checks: null,
    check: { by: 'connecting' },
  };
};

const requestContext = (
  { headers = {}, principal = ANONYMOUS, requestTimeoutMs = 5_000 }: TestBackendOptions,
  clock: Clock,
): RequestContext => {
  const controller = new AbortController();
  const { signal } = controller;
  setMaxListeners(0, signal);
  systemClock.after(requestTimeoutMs, () => controller.abort(new GatewayError('TIMEOUT', 'the request took too long')));
  return {
    requestId: randomUUID(),
    principal,
    headers,
    clientAddress: '127.0.0.1',
    deadline: clock.now() + requestTimeoutMs,
    signal,
    trace: untraced(),
  };
};

/** Prints causes of INTERNAL_SERVER_ERROR and UPSTREAM_BAD_RESPONSE, which the answer does not contain. */
const log: Log = {
  warn: (message, { path, upstream, route, code, reason } = {}) => {
    if (code === 'UPSTREAM_BAD_RESPONSE') console.error(message, { path, upstream, route, reason });
  },
  error: (message, { path, error } = {}) => console.error(message, { path, error }),
};

/** The upstreams of a test, with the record of their calls and the errors that fail a query. */
class TestUpstreams {
  readonly calls: string[] = [];
  readonly failures: Error[] = [];
  readonly #servers: Upstream[] = [];

  /** Connects an upstream to a running server. */
  server(upstream: DeclaredUpstream, address: string, options: TestBackendOptions): Send {
    const report = this.#faultsOf(upstream);
    const server = connectUpstream(serverSettings(upstream, address, options), {
      clock: systemClock,
      report: (event) => event.is === 'mapping' && report(event.route, event.fault),
    });
    this.#servers.push(server);
    return (call) => {
      this.calls.push(`${call.upstream} ${call.route}`);
      return server.send(call);
    };
  }

  script(module: SchemaModule, upstream: DeclaredUpstream, script: Scripted): Send {
    const unexpected = (call: Call, { answers }: Scripted): Error => {
      const known = answers.size === 0 ? 'nothing' : [...answers.keys()].join(', ');
      const route = isStream(call.message) ? `stream ${call.route}` : call.route;
      const error = new Error(
        `${call.upstream}: no scripted response for ${route}: add it to the script, which has ${known}.`,
      );
      this.failures.push(error);
      return error;
    };
    const send = scriptedSend(script, module, upstream.definition, unexpected, this.#faultsOf(upstream));
    const transport = transportTo((call) => {
      this.calls.push(`${call.upstream} ${call.route}`);
      return send(call);
    });
    return upstreamOn(() => transport, scriptedSettings(upstream), { clock: systemClock }).send;
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()));
  }

  #faultsOf({ module, name }: DeclaredUpstream): ReportFault {
    return (route, fault) =>
      void this.failures.push(
        new Error(`${module.name}.${name}: ${route}: the function errors has a fault: ${fault}.`),
      );
  }
}

/**
 * Creates a gateway with one module, wired as in production, except that its upstreams are answered by scripts, or by
 * running servers. Tests can compare the number of calls.
 *
 * @throws ConfigurationError for a module with problems that would prevent the start; Error for an invalid address.
 */
export const testBackend = (module: SchemaModule, scripts: Scripts, options: TestBackendOptions = {}): TestGateway => {
  const { beside = [] } = options;
  const upstreams = new TestUpstreams();
  const clock = skippingClock();
  const gateway = buildGateway({
    clock,
    modules: [module, ...beside],
    introspection: true,
    store: options.store === 'memory' ? memoryStore(systemClock) : (options.store ?? null),
    log,
    connect: (owner, name, definition) => {
      const script = scripts[owner.name === module.name ? name : `${owner.name}.${name}`] ?? scripted();
      const upstream = { module: owner, name, definition };
      return typeof script === 'string'
        ? upstreams.server(upstream, script, options)
        : upstreams.script(owner, upstream, script);
    },
  });
  let started: Promise<void> | null = null;

  return {
    calls: upstreams.calls,
    query: async (document, variables = {}, principal = options.principal ?? ANONYMOUS) => {
      started ??= gateway.start();
      await started;
      const { data, errors } = await gateway.execute(
        { query: document, operationName: null, variables, extensions: null, isReadOnly: false },
        requestContext({ ...options, principal }, clock),
      );
      const error = upstreams.failures.shift();
      if (error !== undefined) throw error;
      return { data, errors };
    },
    request: async (method, url, request = {}) => {
      const { principal = options.principal ?? ANONYMOUS, headers = {} } = request;
      const all = { ...options.headers, ...headers };
      const context = requestContext({ ...options, principal, headers: all }, clock);
      const response = await requestRoute(gateway.routes, method, url, { ...request, headers: all }, context);
      const error = upstreams.failures.shift();
      if (error !== undefined) throw error;
      return response;
    },
    [Symbol.asyncDispose]: () => upstreams.close(),
  };
};
