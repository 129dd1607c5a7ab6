import { randomUUID } from 'node:crypto';
import type { CacheStore } from '../cache/store.ts';
import { GatewayError } from '../errors.ts';
import type { Send } from '../upstream/call.ts';
import type { GrpcMethod } from '../upstream/grpc/proto.ts';
import { abortSignalOf } from './abort-signal.ts';
import type { CacheOptions } from './batch.ts';
import { bindRequest } from './bound-request.ts';
import { audienceOf, cachingOf, type Entities, entitiesIn } from './entity-cache.ts';
import { grpcClient } from './grpc-client.ts';
import { keyScope } from './idempotency.ts';
import type { LoaderMap } from './loaded.ts';
import { BoundLoader } from './loader.ts';
import type { SchemaModule } from './module.ts';
import { ANONYMOUS, type RequestContext, type RequestMemory } from './request-context.ts';
import { restClient } from './rest-client.ts';
import type { BackendContext } from './schema-types.ts';
import type { UpstreamDefinition } from './upstreams.ts';
import type { Wave } from './wave.ts';

/** An upstream of a module, ready to be called. */
export interface ReadyUpstream {
  readonly definition: UpstreamDefinition;
  /** Methods of a gRPC service that take one message; empty for REST. */
  readonly methods: readonly GrpcMethod[];
  readonly send: Send;
}

/** A module whose upstreams are ready. */
export interface Backend {
  readonly module: SchemaModule;
  readonly upstreams: Readonly<Record<string, ReadyUpstream>>;
  /** Where what its loaders declare as `cache` is kept. Without one nothing is. */
  readonly store?: CacheStore | undefined;
}

type Clients = Readonly<Record<string, unknown>>;

export type AnyBackendContext = BackendContext<Readonly<Record<string, unknown>>, LoaderMap>;

/** A module, bound to one request. */
export interface BoundBackend {
  /** What its resolvers get. */
  readonly context: AnyBackendContext;
  /** Its loaders, as execution asks them. */
  readonly loaders: Readonly<Record<string, BoundLoader<unknown>>>;
}

export interface Binding {
  /** Of the execution: what all its modules' loaders are asked for at one time goes out at one time. */
  readonly wave: Wave;
  /** Whether to read nothing that was kept. Default false. */
  readonly fresh?: boolean;
}

/** Told nothing of the caller. */
const NOTHING: Pick<UpstreamDefinition, 'forward' | 'balance'> = {};

/** Estimated bytes of heap for one byte of an answer: objects and strings are larger than their JSON. */
const HEAP_PER_BYTE = 8;

/** Adds answers to the memory that the request holds, before they are validated. */
const counting =
  (send: Send, memory: RequestMemory): Send =>
  async (call) => {
    const answer = await send(call);
    if (!memory.grow(HEAP_PER_BYTE * answer.size))
      throw new GatewayError('OVERLOADED', 'The request was ended to make room for others.');
    return answer;
  };

const clientsOf = (backend: Backend, request: RequestContext, forwards: boolean, apart: string | null): Clients => {
  const clients: Record<string, unknown> = {};
  for (const [name, { definition, methods, send }] of Object.entries(backend.upstreams)) {
    const counted = request.memory === undefined ? send : counting(send, request.memory);
    const bound = bindRequest(`${backend.module.name}.${name}`, forwards ? definition : NOTHING, request, apart);
    clients[name] =
      definition.protocol === 'rest' ? restClient(definition, bound, counted) : grpcClient(methods, bound, counted);
  }
  return clients;
};

/** Loaders of this request. Those that serve everybody have clients of their own, which know nothing of the caller. */
const loadersOf = (
  { module, store }: Backend,
  request: RequestContext,
  { wave, fresh = false }: Binding,
  clients: { readonly own: Clients; readonly anybodys: () => Clients },
): BoundBackend['loaders'] => {
  // Both are made where a loader needs them only: most keep nothing.
  let anybodys: LoaderMap | undefined;
  let audience: string | undefined;
  const audienceNow = (): string => {
    audience ??= audienceOf(module, request);
    return audience;
  };
  const anybodysOf = (name: string) => {
    anybodys ??= module.loaders(clients.anybodys());
    const batch = anybodys[name];
    if (batch === undefined) throw new Error(`${module.name} has a loader "${name}" only sometimes.`);
    return batch;
  };
  const entitiesOf = (name: string, caching: CacheOptions, isPublic: boolean): Entities | null => {
    if (store === undefined) return null;
    const { record } = request.trace;
    const whose = isPublic ? 'public' : audienceNow();
    return entitiesIn({ store, module, loader: name, caching, audience: whose, fresh, record });
  };

  const loaders: Record<string, BoundLoader<unknown>> = {};
  for (const [name, batch] of Object.entries(module.loaders(clients.own))) {
    const caching = cachingOf(module, name, batch);
    const isPublic = caching?.scope === 'public';
    const entities = caching === null ? null : entitiesOf(name, caching, isPublic);
    const loading = isPublic ? anybodysOf(name) : batch;
    loaders[name] = new BoundLoader(loading, entities, wave);
  }
  return loaders;
};

/**
 * What a module's resolvers get for one request: clients that know who is asking and how long they may take, and loaders
 * of their own. Nothing in it outlives the request, and no two requests share any of it, but for what loaders declare as
 * `cache`. With `fresh` nothing is read from there.
 */
export const bindBackend = (backend: Backend, request: RequestContext, binding: Binding): BoundBackend => {
  const { fresh = false } = binding;
  const apart = fresh ? randomUUID() : null;
  const clients = clientsOf(backend, request, true, apart);
  const anybodys = () => {
    const nobody: RequestContext = { ...request, principal: ANONYMOUS, headers: {}, clientAddress: '' };
    return clientsOf(backend, nobody, false, apart);
  };
  const loaders = loadersOf(backend, request, binding, { own: clients, anybodys });
  const { principal, requestId } = request;
  const context: AnyBackendContext = {
    clients,
    loaders,
    principal,
    requestId,
    scopedKey: (key) => keyScope(request, backend.module.name)('message', key),
    get signal() {
      return abortSignalOf(request.signal);
    },
  };
  return { context, loaders };
};
