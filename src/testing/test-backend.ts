import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { GraphQLFormattedError } from 'graphql';
import { credentialSettingsOf } from '../backend/credentials/credential-settings.ts';
import type { SchemaModule } from '../backend/define/module.ts';
import type { UpstreamDefinition } from '../backend/define/upstream-options.ts';
import { memoryStore } from '../cache/memory.ts';
import type { CacheStore } from '../cache/store.ts';
import { PLACEHOLDER_SECRET } from '../config/secrets/read-secrets.ts';
import { constantText } from '../config/secrets/secret-store.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import { buildGateway } from '../graph/build-gateway.ts';
import { ANONYMOUS, type Principal, type RequestContext } from '../request/request-context.ts';
import { untraced } from '../telemetry/open-trace.ts';
import type { Call } from '../upstream/call.ts';
import type { CredentialSettings } from '../upstream/credentials/call-credentials.ts';
import { endpointAt } from '../upstream/endpoints/endpoint.ts';
import type { ReportFault } from '../upstream/error-response/map-error-response.ts';
import { transportTo, type UpstreamSettings, upstreamOn } from '../upstream/upstream.ts';
import { isStream, type Scripted, scripted } from './scripted.ts';
import { scriptedSend } from './scripted-send.ts';
import { skippingClock } from './skipping-clock.ts';

/** Scripts by upstream name; `<module>.<upstream>` for the other modules of `beside`. */
export type Scripts = Readonly<Record<string, Scripted>>;

export interface TestBackendOptions {
  /** Other modules of the graph, for example those that own fields which this module needs. Default: none. */
  readonly beside?: readonly SchemaModule[];
  /** Headers of the client's request, for `forward`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Caller of the requests. Default: anonymous. */
  readonly principal?: Principal;
  /** Timeout of a request in milliseconds. Default 5,000. */
  readonly requestTimeoutMs?: number;
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

export interface TestGateway {
  /**
   * Executes an operation in a new request. `principal` replaces that of the options.
   *
   * @throws Error if a call to an upstream has no scripted response, and for a fault of an upstream's `errors`.
   */
  query(document: string, variables?: Readonly<Record<string, unknown>>, principal?: Principal): Promise<TestAnswer>;
  /** All calls to upstreams so far, in order: `<module>.<upstream> <route>`. */
  readonly calls: readonly string[];
}

/** Placeholders instead of secrets and access tokens: tests need none, and send no token request. */
const placeholderCredentials = (definition: UpstreamDefinition): CredentialSettings | null => {
  const settings = credentialSettingsOf(definition, () => constantText(PLACEHOLDER_SECRET));
  return settings && { ...settings, requestToken: async () => ({ token: PLACEHOLDER_SECRET, lifetimeS: null }) };
};

/** No retry and no circuit: `calls` has exactly the calls of the module, and a scripted failure has no later effect. */
const settingsFor = (owner: SchemaModule, upstream: string, definition: UpstreamDefinition): UpstreamSettings => ({
  name: `${owner.name}.${upstream}`,
  protocol: 'rest',
  sources: [{ by: 'address', endpoint: endpointAt('http://scripted.invalid') }],
  traffic: { timeoutMs: definition.timeoutMs, retry: false, circuit: false },
  check: { by: 'connecting' },
  credentials: placeholderCredentials(definition),
});

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

/**
 * Creates a gateway with one module, wired as in production, except that its upstreams are answered by scripts. Tests
 * can compare the number of calls.
 *
 * @throws ConfigurationError for a module with problems that would prevent the start.
 */
export const testBackend = (module: SchemaModule, scripts: Scripts, options: TestBackendOptions = {}): TestGateway => {
  const { beside = [] } = options;
  const calls: string[] = [];
  const failures: Error[] = [];

  const clock = skippingClock();
  const gateway = buildGateway({
    clock,
    modules: [module, ...beside],
    introspection: true,
    store: options.store === 'memory' ? memoryStore(systemClock) : (options.store ?? null),
    connect: (owner, upstream, definition) => {
      const at = `${owner.name}.${upstream}`;
      const script = scripts[owner.name === module.name ? upstream : at] ?? scripted();
      const unexpected = (call: Call, { answers }: Scripted): Error => {
        const known = answers.size === 0 ? 'nothing' : [...answers.keys()].join(', ');
        const route = isStream(call.message) ? `stream ${call.route}` : call.route;
        const error = new Error(
          `${call.upstream}: no scripted response for ${route}: add it to the script, which has ${known}.`,
        );
        failures.push(error);
        return error;
      };
      const reportFault: ReportFault = (route, fault) =>
        void failures.push(new Error(`${at}: ${route}: the function errors has a fault: ${fault}.`));
      const send = scriptedSend(script, owner, definition, unexpected, reportFault);
      const transport = transportTo((call) => {
        calls.push(`${call.upstream} ${call.route}`);
        return send(call);
      });
      return upstreamOn(() => transport, settingsFor(owner, upstream, definition), { clock: systemClock }).send;
    },
  });
  let started: Promise<void> | null = null;

  return {
    calls,
    query: async (document, variables = {}, principal = options.principal ?? ANONYMOUS) => {
      started ??= gateway.start();
      await started;
      const { data, errors } = await gateway.execute(
        { query: document, operationName: null, variables, extensions: null, isReadOnly: false },
        requestContext({ ...options, principal }, clock),
      );
      const error = failures.shift();
      if (error !== undefined) throw error;
      return { data, errors };
    },
  };
};
