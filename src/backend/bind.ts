import type { Send } from '../upstream/call.ts';
import type { GrpcMethod } from '../upstream/grpc/proto.ts';
import { bindRequest } from './bound-request.ts';
import { grpcClient } from './grpc-client.ts';
import type { LoaderMap } from './loaded.ts';
import { bindLoader } from './loader.ts';
import type { SchemaModule } from './module.ts';
import type { RequestContext } from './request-context.ts';
import { restClient } from './rest-client.ts';
import type { BackendContext, Loaders } from './schema-types.ts';
import type { UpstreamDefinition } from './upstreams.ts';

/** An upstream of a module, ready to be called. */
export interface ReadyUpstream {
  readonly definition: UpstreamDefinition;
  /** Unary methods of a gRPC service; empty for REST. */
  readonly methods: readonly GrpcMethod[];
  readonly send: Send;
}

/** A module whose upstreams are ready. */
export interface Backend {
  readonly module: SchemaModule;
  readonly upstreams: Readonly<Record<string, ReadyUpstream>>;
}

export type AnyBackendContext = BackendContext<Readonly<Record<string, unknown>>, LoaderMap>;

const clientOf = (backend: Backend, name: string, upstream: ReadyUpstream, request: RequestContext): unknown => {
  const { definition, methods, send } = upstream;
  const bound = bindRequest(`${backend.module.name}.${name}`, definition.forward, request);
  return definition.protocol === 'rest' ? restClient(definition, bound, send) : grpcClient(methods, bound, send);
};

/**
 * What a module's resolvers get for one request: clients that know who is asking and how long they may take, and loaders
 * of their own. Nothing in it outlives the request, and no two requests share any of it.
 */
export const bindBackend = (backend: Backend, request: RequestContext): AnyBackendContext => {
  const clients = Object.fromEntries(
    Object.entries(backend.upstreams).map(([name, upstream]) => [name, clientOf(backend, name, upstream, request)]),
  );
  const loaders: Loaders<LoaderMap> = Object.fromEntries(
    Object.entries(backend.module.loaders(clients)).map(([name, batch]) => [name, bindLoader(batch)]),
  );
  const { principal, requestId, signal } = request;
  return { clients, loaders, principal, requestId, signal };
};
