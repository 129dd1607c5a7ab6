import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Server, ServerCredentials, type ServerDuplexStream, type ServiceDefinition, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { onTestFinished } from 'vitest';
import { findProto, type ProtoSource } from '../../../src/protobuf/find-proto.ts';
import { runProtoc } from '../../../src/protobuf/protoc.ts';

const PROTO = readFileSync(join(import.meta.dirname, 'reflection.proto'), 'utf8');

const definitionOf = (name: string): ServiceDefinition => {
  const folder = mkdtempSync(join(tmpdir(), 'reflection-'));
  try {
    const file = join(folder, 'reflection.proto');
    writeFileSync(file, PROTO.replace('package PACKAGE', `package ${name}`));
    // A service of the file, which has no static type.
    return loadSync(file)[`${name}.ServerReflection`] as ServiceDefinition;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

export interface ReflectionServerOptions {
  /** Packages of the service. Default: v1. */
  readonly packages?: readonly string[];
  /** Metadata that calls need: name and value. */
  readonly credential?: readonly [string, string];
  /** Replaces the answer to each request by none, and is called instead. */
  readonly hold?: () => void;
  /** Changes the descriptors before they are sent. */
  readonly change?: (file: FileDescriptorProto) => FileDescriptorProto;
}

const symbolsOf = (file: FileDescriptorProto): string[] => [
  ...file.service.map(({ name }) => `${file.package}.${name}`),
  ...file.messageType.map(({ name }) => `${file.package}.${name}`),
];

/** A server that reflects the services of a .proto file, one file an answer. Returns its `grpc://` address. */
export const reflectionServer = async (
  proto: ProtoSource,
  { packages = ['grpc.reflection.v1'], credential, hold, change = (file) => file }: ReflectionServerOptions = {},
): Promise<string> => {
  const { file: files } = fromBinary(FileDescriptorSetSchema, runProtoc(findProto(proto)));
  const answerTo = (request: Readonly<Record<string, string | undefined>>): object => {
    const { fileByFilename, fileContainingSymbol } = request;
    if (request.listServices !== undefined) {
      const names = files.flatMap((file) => file.service.map(({ name }) => ({ name: `${file.package}.${name}` })));
      return {
        listServicesResponse: {
          service: [...names, ...packages.map((name) => ({ name: `${name}.ServerReflection` }))],
        },
      };
    }
    const found = files.find(
      (file) => file.name === fileByFilename || symbolsOf(file).includes(fileContainingSymbol ?? ''),
    );
    return found === undefined
      ? { errorResponse: { errorCode: 5, errorMessage: `no ${fileByFilename ?? fileContainingSymbol}` } }
      : { fileDescriptorResponse: { fileDescriptorProto: [toBinary(FileDescriptorProtoSchema, change(found))] } };
  };
  const info = (call: ServerDuplexStream<Readonly<Record<string, string>>, object>): void => {
    const [given] = credential === undefined ? [] : call.metadata.get(credential[0]);
    if (credential !== undefined && given !== credential[1]) {
      call.emit('error', { code: status.UNAUTHENTICATED, details: 'no token' });
      return;
    }
    call.on('data', (request) => (hold === undefined ? void call.write(answerTo(request)) : hold()));
    call.on('end', () => call.end());
  };
  const server = new Server();
  for (const name of packages) server.addService(definitionOf(name), { ServerReflectionInfo: info });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  onTestFinished(() => server.forceShutdown());
  return `grpc://127.0.0.1:${port}`;
};
