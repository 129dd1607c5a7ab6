import { randomUUID } from 'node:crypto';
import type { CacheStore } from '../../cache/store.ts';
import type { GrpcMethod } from '../../protobuf/load-proto.ts';
import { countParsed } from '../../request/parsed-memory.ts';
import { ANONYMOUS, type RequestContext, type RequestMemory } from '../../request/request-context.ts';
import type { Send } from '../../upstream/call.ts';
import type { CacheOptions } from '../define/batch.ts';
import type { LoaderMap } from '../define/loaded.ts';
import type { SchemaModule } from '../define/module.ts';
import type { BackendContext } from '../define/schema-types.ts';
import type { UpstreamDefinition } from '../define/upstream-options.ts';
import { audienceOf, cachingOf, type Entities, entityCacheOf } from './entity-cache.ts';
import { bindRequest } from './forwarding.ts';
import { grpcClient, metadataRulesOf } from './grpc-client.ts';
import { keyScope } from './idempotency.ts';
import type { BatchScheduler } from './key-loader.ts';
import { BoundLoader } from './loader.ts';
import { restClient } from './rest-client.ts';

/** An upstream of a module, ready for calls. */
export interface ReadyUpstream {
  readonly definition: UpstreamDefinition;
  /** Methods of a gRPC service that take one message; empty for REST. */
  readonly methods: readonly GrpcMethod[];
  readonly send: Send;
}

/** A module with its upstreams ready for calls. */
export interface Backend {
  readonly module: SchemaModule;
  readonly upstreams: Readonly<Record<string, ReadyUpstream>>;
  /** Store for values of loaders that declare `cache`. Default: no cache. */
  readonly store?: CacheStore | undefined;
}

type Clients = Readonly<Record<string, unknown>>;

export type AnyBackendContext = BackendContext<Readonly<Record<string, unknown>>, LoaderMap>;

/** A module, bound to one request. */
export interface BoundBackend {
  /** Context of its resolvers. */
  readonly context: AnyBackendContext;
  /** Its loaders, for the executor. */
  readonly loaders: Readonly<Record<string, BoundLoader<unknown>>>;
}

export interface Binding {
  /** The batch scheduler of the operation, shared by the loaders of all modules. */
  readonly scheduler: BatchScheduler;
  /** True to bypass the cache. Default false. */
  readonly bypassCache?: boolean;
}

/** Options of an upstream that receives nothing of the caller. */
const NOTHING: Pick<UpstreamDefinition, 'forward' | 'balance'> = {};

/** Adds the size of answers to the request's memory account, before they are copied and validated. */
const counting =
  (send: Send, memory: RequestMemory): Send =>
  async (call) => {
    const answer = await send(call);
    countParsed(memory, answer.plainSize ?? answer.size);
    return answer;
  };

const clientsOf = (
  backend: Backend,
  request: RequestContext,
  forwards: boolean,
  isolationKey: string | null,
): Clients => {
  const clients: Record<string, unknown> = {};
  for (const [name, { definition, methods, send }] of Object.entries(backend.upstreams)) {
    const counted = request.memory === undefined ? send : counting(send, request.memory);
    const bound = bindRequest(`${backend.module.name}.${name}`, forwards ? definition : NOTHING, request, isolationKey);
    clients[name] =
      definition.protocol === 'rest'
        ? restClient(definition, bound, counted)
        : grpcClient(methods, bound, counted, metadataRulesOf(definition));
  }
  return clients;
};

/** Creates the loaders of one request. Public loaders have their own clients, which carry nothing of the caller. */
const loadersOf = (
  { module, store }: Backend,
  request: RequestContext,
  { scheduler, bypassCache = false }: Binding,
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
  const entitiesOf = (name: string, caching: CacheOptions, isPublic: boolean): Entities | null => {
    if (store === undefined) return null;
    const { memory, trace } = request;
    const audience = isPublic ? 'public' : audienceOf(module, request);
    const { record } = trace;
    return entityCacheOf({ store, module, loader: name, caching, audience, bypassCache, record, memory });
  };

  const loaders: Record<string, BoundLoader<unknown>> = {};
  for (const [name, batch] of Object.entries(module.loaders(clients.own))) {
    const caching = cachingOf(module, name, batch);
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
  const { bypassCache = false } = binding;
  const isolationKey = bypassCache ? randomUUID() : null;
  const clients = clientsOf(backend, request, true, isolationKey);
  const publicClients = () => {
    const anonymous: RequestContext = { ...request, principal: ANONYMOUS, headers: {}, clientAddress: '' };
    return clientsOf(backend, anonymous, false, isolationKey);
  };
  const loaders = loadersOf(backend, request, binding, { own: clients, publicClients });
  const { principal, requestId } = request;
  const context: AnyBackendContext = {
    clients,
    loaders,
    principal,
    requestId,
    scopedKey: (key) => keyScope(request, backend.module.name)('message', key),
    signal: request.signal,
  };
  return { context, loaders };
};
