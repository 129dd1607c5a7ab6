import { randomUUID } from 'node:crypto';
import type { CacheStore } from '../../cache/store.ts';
import type { Clock } from '../../core/clock.ts';
import type { GrpcMethod } from '../../protobuf/load-proto.ts';
import { countHeld, countParsed } from '../../request/parsed-memory.ts';
import { ANONYMOUS, type RequestContext, type RequestMemory } from '../../request/request-context.ts';
import type { Call, RoutedSend, Send } from '../../upstream/call.ts';
import type { CallOrigin, OperationFacts } from '../../upstream/routing/call-origin.ts';
import type { Batch, RevalidatedCache } from '../define/batch.ts';
import type { LoaderMap } from '../define/loaded.ts';
import type { SchemaModule } from '../define/module.ts';
import type { AnyContext } from '../define/schema-types.ts';
import type { UpstreamDefinition } from '../define/upstream-options.ts';
import { sendCounted } from '../grpc/counted-streams.ts';
import { pollWithin } from '../poll/poll.ts';
import type { RemoteLoad } from '../remote/remote-load.ts';
import type { GraphqlService } from '../remote/service.ts';
import { restClient } from '../rest/rest-client.ts';
import { type BoundRequest, bindRequest } from './bind-request.ts';
import { audienceOf, cachingOf, type Entities, entityCacheOf } from './entity-cache.ts';
import { BoundGraphqlClient } from './graphql-client.ts';
import { grpcClient, metadataRulesOf } from './grpc-client.ts';
import { keyScope } from './idempotency.ts';
import type { BatchScheduler } from './key-loader.ts';
import { BoundLoader, type SelectKeys } from './loader.ts';
import { selectKeys } from './select-keys.ts';
import { subsetKey } from './subset-key.ts';

/** An upstream of a module, ready for calls. */
export interface ReadyUpstream {
  readonly definition: UpstreamDefinition;
  /** Methods of a gRPC service; empty for REST. */
  readonly methods: readonly GrpcMethod[];
  /** The service of a GraphQL upstream; null for others. */
  readonly service: GraphqlService | null;
  readonly send: RoutedSend;
}

/** A module with its upstreams ready for calls. */
export interface Backend {
  readonly module: SchemaModule;
  readonly upstreams: Readonly<Record<string, ReadyUpstream>>;
  /** Store for values of loaders that declare `cache`. Default: no cache. */
  readonly store?: CacheStore | undefined;
}

type Clients = Readonly<Record<string, unknown>>;

/** A module, bound to one request. */
export interface BoundBackend {
  /** Context of its resolvers. */
  readonly context: AnyContext;
  /** Its loaders, for the executor. */
  readonly loaders: Readonly<Record<string, BoundLoader<unknown>>>;
  /** Returns the client of a GraphQL upstream, for the executor. */
  remote(upstream: string): BoundGraphqlClient;
}

export interface Binding {
  /** The batch scheduler of the operation, shared by the loaders of all modules. */
  readonly scheduler: BatchScheduler;
  /** Clock for the waits of `poll`. */
  readonly clock: Clock;
  /** True to bypass the cache. Default false. */
  readonly bypassCache?: boolean;
  /** The operation, for routes. Default: none. */
  readonly operation?: OperationFacts | null;
}

/** Options of an upstream that receives nothing of the caller. */
const NOTHING: Pick<UpstreamDefinition, 'forward' | 'balance'> = {};

/** Size of the body or message of a call, in bytes or UTF-16 units. Streams are never held as a whole. */
const sentSize = ({ message }: Call): number => {
  const content = message.protocol === 'rest' ? message.body : message.request;
  return typeof content === 'string' || content instanceof Uint8Array ? content.length : 0;
};

const isBytes = ({ message }: Call): boolean => message.protocol === 'rest' && message.as === 'bytes';

/**
 * Adds bodies that are sent, and answers before they are copied and validated, to the request's memory account; of
 * streams, their messages.
 */
const counting =
  (send: Send, memory: RequestMemory): Send =>
  async (call) => {
    const { message } = call;
    const isStream = message.protocol === 'grpc' && (message.outgoing !== undefined || message.streaming === true);
    if (isStream) return sendCounted(send, call, message, memory);
    countHeld(memory, sentSize(call));
    const answer = await send(call);
    const size = answer.plainSize ?? answer.size;
    if (isBytes(call)) countHeld(memory, size);
    else countParsed(memory, size);
    return answer;
  };

const clientOf = (
  definition: UpstreamDefinition,
  methods: readonly GrpcMethod[],
  bound: BoundRequest,
  send: Send,
): unknown => {
  switch (definition.protocol) {
    case 'rest':
      return restClient(definition, bound, send);
    case 'grpc':
      return grpcClient(methods, bound, send, metadataRulesOf(definition), definition.transform?.request !== undefined);
    case 'graphql':
      return new BoundGraphqlClient(definition, bound, send);
  }
};

const graphqlClientIn = (clients: Clients, upstream: string): BoundGraphqlClient => {
  const client = clients[upstream];
  if (!(client instanceof BoundGraphqlClient)) throw new Error(`There is no GraphQL upstream "${upstream}".`);
  return client;
};

const clientsOf = (
  backend: Backend,
  request: RequestContext,
  forwards: boolean,
  isolationKey: string | null,
  origin: CallOrigin,
): Clients => {
  const clients: Record<string, unknown> = {};
  for (const [name, { definition, methods, send }] of Object.entries(backend.upstreams)) {
    const counted = request.memory === undefined ? send : counting(send, request.memory);
    const at = `${backend.module.name}.${name}`;
    const bound = bindRequest(at, forwards ? definition : NOTHING, request, isolationKey, origin);
    clients[name] = clientOf(definition, methods, bound, counted);
  }
  return clients;
};

const originOf = (
  { headers, principal, clientAddress }: RequestContext,
  operation: OperationFacts | null,
): CallOrigin => ({ headers, principal, clientAddress, operation });

/** The request without its caller, for public loaders. */
const anonymous = (request: RequestContext): RequestContext => ({
  ...request,
  principal: ANONYMOUS,
  headers: {},
  clientAddress: '',
});

/** Creates the loaders of one request. Public loaders have their own clients, which carry nothing of the caller. */
const loadersOf = (
  { module, store, upstreams }: Backend,
  request: RequestContext,
  { scheduler, bypassCache = false, operation = null }: Binding,
  clients: { readonly own: Clients; readonly publicClients: () => Clients },
): BoundBackend['loaders'] => {
  let publicLoaders: LoaderMap | undefined;
  const publicLoader = (name: string) => {
    publicLoaders ??= module.loaders(clients.publicClients());
    const batch = publicLoaders[name];
    if (batch === undefined)
      throw new Error(
        `${module.name}: loaders() must return the same loaders every time; "${name}" is missing in this call.`,
      );
    return batch;
  };
  const entitiesOf = (name: string, caching: RevalidatedCache, isPublic: boolean): Entities | null => {
    if (store === undefined) return null;
    const { memory, trace } = request;
    const origin = originOf(isPublic ? anonymous(request) : request, operation);
    const audience = (isPublic ? 'public' : audienceOf(module, request)) + subsetKey(upstreams, origin);
    const { record } = trace;
    return entityCacheOf({ store, module, loader: name, caching, audience, bypassCache, record, memory });
  };

  const selecting = (
    name: string,
    load: RemoteLoad,
    batch: Batch<unknown, unknown>,
    caching: RevalidatedCache | null,
  ): SelectKeys<unknown> => {
    const isPublic = caching?.scope === 'public';
    const service = upstreams[load.upstream]?.service;
    if (service == null) throw new Error(`${module.name} has no GraphQL upstream "${load.upstream}".`);
    // Made at the first selection: most requests use few of a module's loaders.
    const reach = () => ({
      service,
      client: graphqlClientIn(isPublic ? clients.publicClients() : clients.own, load.upstream),
    });
    const cacheOf =
      caching === null ? null : (selected: string) => entitiesOf(`${name} ${selected}`, caching, isPublic);
    return selectKeys(reach, load, batch, cacheOf, scheduler);
  };

  const loaders: Record<string, BoundLoader<unknown>> = {};
  for (const [name, batch] of Object.entries(module.loaders(clients.own))) {
    const caching = cachingOf(module, name, batch);
    if (batch.remote !== undefined) {
      loaders[name] = new BoundLoader(batch, null, scheduler, selecting(name, batch.remote, batch, caching));
      continue;
    }
    const isPublic = caching?.scope === 'public';
    const entities = caching === null ? null : entitiesOf(name, caching, isPublic);
    const loading = isPublic ? publicLoader(name) : batch;
    loaders[name] = new BoundLoader(loading, entities, scheduler);
  }
  return loaders;
};

/**
 * Binds a module to one request: creates clients with the request's identity and deadline, and loaders. Requests share
 * nothing except values of loaders with `cache`; these are not read with `bypassCache`.
 */
export const bindBackend = (backend: Backend, request: RequestContext, binding: Binding): BoundBackend => {
  const { bypassCache = false, operation = null } = binding;
  const isolationKey = bypassCache ? randomUUID() : null;
  const clients = clientsOf(backend, request, true, isolationKey, originOf(request, operation));
  const publicClients = () => {
    const without = anonymous(request);
    return clientsOf(backend, without, false, isolationKey, originOf(without, operation));
  };
  const loaders = loadersOf(backend, request, binding, { own: clients, publicClients });
  const { principal, requestId } = request;
  const context: AnyContext = {
    clients,
    loaders,
    principal,
    requestId,
    scopedKey: (key) => keyScope(request, backend.module.name)('message', key),
    signal: request.signal,
    poll: pollWithin(request, binding.clock),
  };
  return { context, loaders, remote: (upstream) => graphqlClientIn(clients, upstream) };
};
