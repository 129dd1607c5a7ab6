import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { GraphQLFormattedError } from 'graphql';
import type { SchemaModule } from '../backend/module.ts';
import { ANONYMOUS, type Principal, type RequestContext } from '../backend/request-context.ts';
import type { UpstreamDefinition } from '../backend/upstreams.ts';
import { memoryStore } from '../cache/memory.ts';
import type { CacheStore } from '../cache/store.ts';
import { systemClock } from '../clock.ts';
import { GatewayError } from '../errors.ts';
import { buildGateway } from '../gateway/build.ts';
import { untraced } from '../telemetry/open-trace.ts';
import { type UpstreamSettings, upstreamOn, wireTo } from '../upstream/connect.ts';
import { endpointAt } from '../upstream/endpoint.ts';
import { isStream, type Scripted, scripted } from './scripted.ts';
import { scriptedSend } from './scripted-send.ts';

/** Scripts by the upstream's name; those of modules beside are named `<module>.<upstream>`. */
export type Scripts = Readonly<Record<string, Scripted>>;

export interface TestBackendOptions {
  /** Other modules of the graph: those that own what this one needs, for one. Default: this module is alone. */
  readonly beside?: readonly SchemaModule[];
  /** Headers of the client, for what is forwarded. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Who asks. Default: nobody that is known. */
  readonly principal?: Principal;
  /** How long a request may take, in milliseconds. Default 5,000. */
  readonly requestTimeoutMs?: number;
  /** Keeps what `cache` and @cacheControl allow, in memory, or in a store that is given. Default: nothing is kept. */
  readonly store?: CacheStore | 'memory';
}

export interface TestAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: what was asked for is known to the test only
  readonly data: any;
  readonly errors: readonly GraphQLFormattedError[] | undefined;
}

export interface TestGateway {
  /**
   * Asks as a client would, each time in a request of its own; `principal` is somebody else than usual.
   *
   * @throws Error when an upstream was called in a way that no script answers.
   */
  query(document: string, variables?: Readonly<Record<string, unknown>>, principal?: Principal): Promise<TestAnswer>;
  /** Every call to an upstream so far, in order: `<module>.<upstream> <route>`. */
  readonly calls: readonly string[];
}

/** What is counted is what the module asked for: nothing is sent twice, and nothing is kept from a script that fails. */
const settingsFor = (owner: SchemaModule, upstream: string, { timeoutMs }: UpstreamDefinition): UpstreamSettings => ({
  name: `${owner.name}.${upstream}`,
  protocol: 'rest',
  origins: [{ by: 'address', endpoint: endpointAt('http://scripted.invalid') }],
  timeoutMs,
  traffic: { retry: false, circuit: false },
  check: { by: 'connecting' },
});

const requestContext = ({
  headers = {},
  principal = ANONYMOUS,
  requestTimeoutMs = 5_000,
}: TestBackendOptions): RequestContext => {
  const controller = new AbortController();
  const { signal } = controller;
  setMaxListeners(0, signal);
  systemClock.after(requestTimeoutMs, () => controller.abort(new GatewayError('TIMEOUT', 'the request took too long')));
  return {
    requestId: randomUUID(),
    principal,
    headers,
    clientAddress: '127.0.0.1',
    deadline: systemClock.now() + requestTimeoutMs,
    signal,
    trace: untraced(),
  };
};

/**
 * A gateway of one module, wired as in production, whose upstreams are answered by hand. How often each is called is part
 * of what a test can expect.
 *
 * @throws MistakesError for a module that could not start.
 */
export const testBackend = (module: SchemaModule, scripts: Scripts, options: TestBackendOptions = {}): TestGateway => {
  const { beside = [] } = options;
  const calls: string[] = [];
  const surprises: Error[] = [];

  const gateway = buildGateway({
    modules: [module, ...beside],
    introspection: true,
    store: options.store === 'memory' ? memoryStore(systemClock) : (options.store ?? null),
    connect: (owner, upstream, definition) => {
      const script = scripts[owner === module ? upstream : `${owner.name}.${upstream}`] ?? scripted();
      const send = scriptedSend(script, owner, definition, (call, { answers }) => {
        const known = answers.size === 0 ? 'nothing' : [...answers.keys()].join(', ');
        const asked = isStream(call.message) ? `stream ${call.route}` : call.route;
        const surprise = new Error(`${call.upstream} was asked ${asked}; its script answers ${known}.`);
        surprises.push(surprise);
        return surprise;
      });
      const wire = wireTo((call) => {
        calls.push(`${call.upstream} ${call.route}`);
        return send(call);
      });
      return upstreamOn(() => wire, settingsFor(owner, upstream, definition), { clock: systemClock }).send;
    },
  });
  let started: Promise<void> | null = null;

  return {
    calls,
    query: async (document, variables = {}, principal = options.principal ?? ANONYMOUS) => {
      started ??= gateway.apollo.start();
      await started;
      const { body } = await gateway.apollo.executeOperation(
        { query: document, variables: { ...variables } },
        { contextValue: requestContext({ ...options, principal }) },
      );
      const surprise = surprises.shift();
      if (surprise !== undefined) throw surprise;
      if (body.kind !== 'single') throw new Error('Incremental delivery was not asked for.');
      const { data, errors } = body.singleResult;
      return { data, errors };
    },
  };
};
