import { dirname } from 'node:path';
import { type GrpcService, loadProto } from '../../protobuf/load-proto.ts';
import type { SchemaModule } from '../define/module.ts';
import type { GrpcUpstream } from '../define/upstream-options.ts';
import { withReads } from './declared-reads.ts';

const known = new WeakMap<GrpcUpstream, GrpcService>();

/**
 * Returns the service that an upstream calls, read once for each definition. Methods that its option `reads` declares
 * are reads.
 *
 * @throws ProtoError with every problem of the .proto file, or for an unknown service.
 */
export const grpcServiceOf = ({ typeDefs }: Pick<SchemaModule, 'typeDefs'>, definition: GrpcUpstream): GrpcService => {
  const found = known.get(definition);
  if (found !== undefined) return found;
  const { proto, protoPaths, service: name, reads } = definition;
  const service = loadProto({ folder: dirname(typeDefs.file), proto, protoPaths }).service(name);
  const declared = {
    ...service,
    methods: withReads(service.methods, reads),
    streaming: withReads(service.streaming, reads),
  };
  known.set(definition, declared);
  return declared;
};
