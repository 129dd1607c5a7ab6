import { randomUUID } from 'node:crypto';
import type { CacheStore } from '../cache/store.ts';
import type { Send } from '../upstream/call.ts';
import type { GrpcMethod } from '../upstream/grpc/proto.ts';
import { bindRequest } from './bound-request.ts';
import { audienceOf, cachingOf, entitiesIn } from './entity-cache.ts';
import { grpcClient } from './grpc-client.ts';
import type { LoaderMap } from './loaded.ts';
import { bindLoader } from './loader.ts';
import type { SchemaModule } from './module.ts';
import { ANONYMOUS, type RequestContext } from './request-context.ts';
import { restClient } from './rest-client.ts';
import type { BackendContext, Loaders } from './schema-types.ts';
import type { UpstreamDefinition } from './upstreams.ts';

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

const clientsOf = (backend: Backend, request: RequestContext, forwards: boolean, apart: string | null): Clients =>
  Object.fromEntries(
    Object.entries(backend.upstreams).map(([name, { definition, methods, send }]) => {
      const told = forwards ? definition : {};
      const bound = bindRequest(`${backend.module.name}.${name}`, told, request, apart);
      return [
        name,
        definition.protocol === 'rest' ? restClient(definition, bound, send) : grpcClient(methods, bound, send),
      ];
    }),
  );

/** Loaders of this request. Those that serve everybody have clients of their own, which know nothing of the caller. */
const loadersOf = (
  { module, store }: Backend,
  request: RequestContext,
  fresh: boolean,
  clients: { readonly own: Clients; readonly anybodys: () => Clients },
): Loaders<LoaderMap> => {
  const own = module.loaders(clients.own);
  const cachings = Object.entries(own).map(([name, batch]) => ({
    name,
    batch,
    caching: cachingOf(module, name, batch),
  }));
  if (cachings.every(({ caching }) => caching === null))
    return Object.fromEntries(cachings.map(({ name, batch }) => [name, bindLoader(batch)]));

  const anybodys = module.loaders(clients.anybodys());
  const audience = audienceOf(module, request);
  return Object.fromEntries(
    cachings.map(({ name, batch, caching }) => {
      const isPublic = caching?.scope === 'public';
      const entities =
        caching === null || store === undefined
          ? null
          : entitiesIn({
              store,
              module: module.name,
              loader: name,
              caching,
              audience: isPublic ? 'public' : audience,
              fresh,
              record: request.trace.record,
            });
      const loading = isPublic ? anybodys[name] : batch;
      if (loading === undefined) throw new Error(`${module.name} has a loader "${name}" only sometimes.`);
      return [name, bindLoader(loading, entities)];
    }),
  );
};

/**
 * What a module's resolvers get for one request: clients that know who is asking and how long they may take, and loaders
 * of their own. Nothing in it outlives the request, and no two requests share any of it, but for what loaders declare as
 * `cache`. With `fresh` nothing is read from there.
 */
export const bindBackend = (backend: Backend, request: RequestContext, fresh = false): AnyBackendContext => {
  const apart = fresh ? randomUUID() : null;
  const clients = clientsOf(backend, request, true, apart);
  const nobody: RequestContext = { ...request, principal: ANONYMOUS, headers: {}, clientAddress: '' };
  const anybodys = () => clientsOf(backend, nobody, false, apart);
  const loaders = loadersOf(backend, request, fresh, { own: clients, anybodys });
  const { principal, requestId, signal } = request;
  return { clients, loaders, principal, requestId, signal };
};
