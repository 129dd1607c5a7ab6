import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { createFileRegistry, type DescMethod, type DescService, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema, MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import { commentReader, fileOf, type ReadComment } from './comments.ts';
import { findProto, isBuiltIn, onDisk, type ProtoSource } from './find-proto.ts';
import { httpMethodReader } from './http-method.ts';
import { ProtoError, type ProtoProblem } from './problems.ts';
import { runProtoc } from './protoc.ts';
import type { MessageType, MethodType, ServiceType } from './type-model.ts';
import { typeReader } from './types.ts';

/** A compiled .proto file with all of its imports. */
export interface ProtoSchema {
  /** Absolute path of the file. */
  readonly file: string;
  /** Full names of the services, the file's own before the imported ones. */
  readonly services: readonly string[];
  /** Full names of the services that the file itself declares. */
  readonly ownServices: readonly string[];
  /** The file and its imports, with the name by which they are imported and the path on disk. */
  readonly files: readonly { readonly name: string; readonly path: string }[];
  /** @throws ProtoError that lists the existing services */
  service(name: string): ServiceType;
  /** Returns the message with this full name, of the file or an import; null for an unknown one. */
  message(name: string): MessageType | null;
}

const IDEMPOTENCY: Readonly<Record<MethodOptions_IdempotencyLevel, MethodType['idempotency']>> = {
  [MethodOptions_IdempotencyLevel.IDEMPOTENCY_UNKNOWN]: 'unknown',
  [MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS]: 'safe',
  [MethodOptions_IdempotencyLevel.IDEMPOTENT]: 'idempotent',
};

const problemAt = (file: string, problem: string, fix: string): ProtoProblem[] => [
  { file, location: null, problem, fix },
];

const problemOfFolder = (path: string): readonly ProtoProblem[] => {
  if (!existsSync(path)) return problemAt(path, 'there is no such folder', 'Create it, or correct protoPaths.');
  if (statSync(path).isDirectory()) return [];
  return problemAt(path, 'this is a file, not a folder', 'Name the folder that imports start in, in protoPaths.');
};

const problemOfFile = (path: string): readonly ProtoProblem[] => {
  if (!existsSync(path)) return problemAt(path, 'there is no such file', 'Create it, or correct the path.');
  if (!statSync(path).isDirectory()) return [];
  return problemAt(path, 'this is a folder, not a file', 'Name the .proto file in it.');
};

/** @throws ProtoError for a missing file or folder, and for one in place of the other */
const assertThere = ({ folder, protoPaths = [] }: ProtoSource, file: string): void => {
  const ofFolders = protoPaths.flatMap((path) => problemOfFolder(resolve(folder, path)));
  const problems = ofFolders.length > 0 ? ofFolders : problemOfFile(file);
  if (problems.length > 0) throw new ProtoError(problems);
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
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, runProtoc(found)));
  const diskPath = (name: string): string => onDisk(found, name) ?? name;
  const commentOf = commentReader();
  // Comments of Google's files are long, and published elsewhere.
  const docOf: ReadComment = (desc) => (isBuiltIn(diskPath(fileOf(desc).proto.name)) ? null : commentOf(desc));
  const messageOf = typeReader(registry, docOf, diskPath);
  const httpMethodOf = httpMethodReader(registry);
  // Imports precede the files that import them.
  const files = [...registry.files];
  const services = files.toReversed().flatMap((each) => each.services);

  const methodOf = (method: DescMethod): MethodType => ({
    name: method.name,
    request: messageOf(method.input),
    response: messageOf(method.output),
    clientStreams: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
    serverStreams: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
    idempotency: IDEMPOTENCY[method.idempotency],
    http: httpMethodOf(method),
    isDeprecated: method.deprecated,
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
    ownServices: files.at(-1)?.services.map(({ typeName }) => typeName) ?? [],
    files: files.map(({ proto }) => ({ name: proto.name, path: diskPath(proto.name) })),
    message: (name) => {
      const desc = registry.getMessage(name);
      return desc === undefined ? null : messageOf(desc);
    },
    service: (name) => {
      const service = services.find(({ typeName }) => typeName === name);
      if (service !== undefined) return serviceOf(service);
      const fix =
        names.length === 0
          ? 'Declare it: neither the file nor its imports have a service.'
          : `Use one of: ${names.join(', ')}.`;
      throw new ProtoError([{ file, location: null, problem: `no service ${name}`, fix }]);
    },
  };
};
