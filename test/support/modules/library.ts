import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import protobuf from 'protobufjs';
import { endpointAt, type RunningServer } from '../grpc/grpc-server.ts';

export const LIBRARY_PROTO = fileURLToPath(new URL('./library.proto', import.meta.url));
export const LIBRARY = 'library.v1.Library';

const INCLUDE = fileURLToPath(new URL('../../../src/protobuf/include', import.meta.url));

/** A message type of the library in protobufjs, an independent implementation. Fields are lowerCamel. */
export const libraryType = (name: string): protobuf.Type => {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => (target.startsWith('google/api/') ? join(INCLUDE, target) : target);
  return root.loadSync(LIBRARY_PROTO).lookupType(name);
};

/** gRPC's own server for Node with these methods. Its messages have the field names of the .proto. */
export const libraryServer = async (handlers: UntypedServiceImplementation): Promise<RunningServer> => {
  const server = new Server();
  const loaded = loadSync(LIBRARY_PROTO, {
    defaults: false,
    keepCase: true,
    longs: String,
    includeDirs: [INCLUDE],
  })[LIBRARY];
  if (loaded === undefined || 'format' in loaded) throw new Error(`${LIBRARY} is not declared`);
  server.addService(loaded, handlers);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  const stop = async () => server.forceShutdown();
  return { port, endpoint: endpointAt(port), stop, [Symbol.asyncDispose]: stop };
};
