import { dirname, resolve } from 'node:path';
import type { ApolloServer, ApolloServerPlugin } from '@apollo/server';
import type { GraphQLSchema } from 'graphql';
import type { Backend, ReadyUpstream } from '../backend/bind.ts';
import type { SchemaModule } from '../backend/module.ts';
import type { RequestContext } from '../backend/request-context.ts';
import type { UpstreamDefinition } from '../backend/upstreams.ts';
import { MistakesError } from '../errors.ts';
import type { Send } from '../upstream/call.ts';
import { loadProto } from '../upstream/grpc/proto.ts';
import { createApollo } from './apollo.ts';
import { type Run, runOn } from './execute.ts';
import { mistakesIn } from './mistakes/mistakes.ts';
import { readSdl } from './sdl.ts';
import { stitchModules } from './stitch.ts';

export interface GatewayOptions {
  readonly modules: readonly SchemaModule[];
  /** The way to one upstream of a module. */
  readonly connect: (module: SchemaModule, upstream: string, definition: UpstreamDefinition) => Send;
  /** Default false. */
  readonly introspection?: boolean;
  readonly plugins?: readonly ApolloServerPlugin<RequestContext>[];
}

export interface Gateway {
  /** The public schema. */
  readonly schema: GraphQLSchema;
  readonly run: Run;
  /** Not started yet. */
  readonly apollo: ApolloServer<RequestContext>;
}

const readyUpstream = (module: SchemaModule, definition: UpstreamDefinition, send: Send): ReadyUpstream => {
  if (definition.protocol === 'rest') return { definition, methods: [], send };
  const proto = loadProto(resolve(dirname(module.typeDefs.file), definition.proto));
  return { definition, methods: proto.service(definition.service).methods, send };
};

const backendOf = (module: SchemaModule, connect: GatewayOptions['connect']): Backend => ({
  module,
  upstreams: Object.fromEntries(
    Object.entries(module.upstreams).map(([name, definition]) => [
      name,
      readyUpstream(module, definition, connect(module, name, definition)),
    ]),
  ),
});

/**
 * Builds the gateway: modules -> one stitched schema -> execution -> Apollo Server.
 *
 * @throws MistakesError with every mistake in the modules, before anything is connected.
 */
export const buildGateway = ({ modules, connect, introspection = false, plugins = [] }: GatewayOptions): Gateway => {
  const mistakes = mistakesIn(modules);
  if (mistakes.length > 0) throw new MistakesError('The schema modules do not fit together:', mistakes);

  const schema = stitchModules(modules, new Map(modules.map((module) => [module, readSdl(module)])));
  const backends = new Map(modules.map((module) => [module.name, backendOf(module, connect)]));
  const domain = new Map(modules.flatMap((module) => Object.entries(module.errors)));
  const run = runOn({ schema, backends, domain });
  return { schema, run, apollo: createApollo({ schema, run, domain, introspection, plugins }) };
};
