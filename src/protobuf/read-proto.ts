import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createFileRegistry, type DescMethod, type DescService, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema, MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import { commentReader, fileOf, type ReadComment } from './comments.ts';
import { findProto, isBuiltIn, onDisk, type ProtoSource } from './find-proto.ts';
import type { MethodType, ServiceType } from './model.ts';
import { ProtoError } from './problems.ts';
import { compile } from './protoc.ts';
import { typeReader } from './types.ts';

/** A compiled .proto file with all of its imports. */
export interface ProtoSchema {
  /** Absolute path of the file. */
  readonly file: string;
  /** Full names of the services, the file's own before the imported ones. */
  readonly services: readonly string[];
  /** @throws ProtoError that lists the existing services */
  service(name: string): ServiceType;
}

const IDEMPOTENCY: Readonly<Record<MethodOptions_IdempotencyLevel, MethodType['idempotency']>> = {
  [MethodOptions_IdempotencyLevel.IDEMPOTENCY_UNKNOWN]: 'unknown',
  [MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS]: 'safe',
  [MethodOptions_IdempotencyLevel.IDEMPOTENT]: 'idempotent',
};

/** @throws ProtoError for a missing file or folder */
const assertThere = ({ folder, protoPaths = [] }: ProtoSource, file: string): void => {
  const missing = protoPaths.map((path) => resolve(folder, path)).filter((path) => !existsSync(path));
  const problems = missing.map((path) => ({
    file: path,
    place: null,
    wrong: 'there is no such folder',
    remedy: 'Create it, or correct protoPaths.',
  }));
  if (problems.length > 0) throw new ProtoError(problems);
  if (!existsSync(file))
    throw new ProtoError([
      { file, place: null, wrong: 'there is no such file', remedy: 'Create it, or correct the path.' },
    ]);
};

/**
 * Reads a .proto file with protoc: accepts every file that protoc accepts, and resolves names as protoc does.
 *
 * @throws ProtoError with every problem of the file and its imports.
 */
export const readProto = (source: ProtoSource): ProtoSchema => {
  const found = findProto(source);
  const { file } = found;
  assertThere(source, file);
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, compile(found)));
  const diskPath = (name: string): string => onDisk(found, name) ?? name;
  const commentOf = commentReader();
  // Comments of Google's files are long, and published elsewhere.
  const docOf: ReadComment = (desc) => (isBuiltIn(diskPath(fileOf(desc).proto.name)) ? null : commentOf(desc));
  const messageOf = typeReader(registry, docOf, diskPath);
  const services = [...registry.files].toReversed().flatMap((each) => each.services);

  const methodOf = (method: DescMethod): MethodType => ({
    name: method.name,
    request: messageOf(method.input),
    response: messageOf(method.output),
    clientStreams: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
    serverStreams: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
    idempotency: IDEMPOTENCY[method.idempotency],
    doc: docOf(method),
  });
  const serviceOf = (service: DescService): ServiceType => ({
    name: service.typeName,
    methods: service.methods.map(methodOf),
    doc: docOf(service),
  });

  const names = services.map(({ typeName }) => typeName);
  return {
    file,
    services: names,
    service: (name) => {
      const service = services.find(({ typeName }) => typeName === name);
      if (service !== undefined) return serviceOf(service);
      const remedy =
        names.length === 0
          ? 'Declare it: neither the file nor its imports have a service.'
          : `Use one of: ${names.join(', ')}.`;
      throw new ProtoError([{ file, place: null, wrong: `no service ${name}`, remedy }]);
    },
  };
};
