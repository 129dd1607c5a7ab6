import { fromBinary } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import type { Clock } from '../../../../core/clock.ts';
import { UpstreamError } from '../../../../core/errors.ts';
import { isBuiltInImport } from '../../../../protobuf/find-proto.ts';
import { GrpcStatusError } from '../../../../upstream/grpc/status.ts';
import { CommandFailure } from '../../../command/exit-code.ts';
import { MAX_SECONDS } from '../../read-source.ts';
import { withImports } from './referred-files.ts';
import { type ReflectionClient, ReflectionError, reflectionClient } from './reflection-client.ts';

/** The descriptors of a server. */
export interface ServerDescriptors {
  /** Full names of its services, without those of gRPC itself. */
  readonly services: readonly string[];
  /** The files of the services and their imports, by name. */
  readonly files: ReadonlyMap<string, FileDescriptorProto>;
}

const MAX_BYTES = 64 * 1024 * 1024;
const MAX_FILES = 10_000;
/** Names in one request stream. */
const NAMES_OF_A_CALL = 100;

/** A path below a folder: names of files come from the server. */
const isSafePath = (name: string): boolean =>
  /^[\w.+-]+(\/[\w.+-]+)*$/.test(name) && name.split('/').every((part) => !/^\.+$/.test(part));

const isOfGrpc = (service: string): boolean => /^grpc\.(reflection|health|channelz|binarylog)\./.test(service);

const failureOf = (error: unknown, name: string, isLate: boolean): CommandFailure => {
  const because = (reason: string, fix: string) =>
    new CommandFailure(`${name} cannot be read: ${reason}. ${fix}`, { cause: error });
  const elsewhere = 'Import its .proto file instead.';
  if (isLate) return because(`no answer in ${MAX_SECONDS} s`, elsewhere);
  if (error instanceof ReflectionError) return because(`the server reports: ${error.message}`, elsewhere);
  const cause = error instanceof Error ? error.cause : undefined;
  const status = cause instanceof GrpcStatusError ? cause.status : null;
  if (status === 'UNIMPLEMENTED')
    return because('the server has no reflection', 'Register the reflection service in it, or import its .proto file.');
  if (status === 'UNAUTHENTICATED' || status === 'PERMISSION_DENIED')
    return because(`the status is ${status}`, "Pass credentials with --header 'authorization: Bearer …'.");
  if (status !== null) return because(`the status is ${status}`, elsewhere);
  return because(
    error instanceof UpstreamError ? error.reason : 'the answer is not valid',
    'Check the address: grpc:// is without TLS, grpcs:// with it.',
  );
};

const parsed = (bytes: Uint8Array): FileDescriptorProto => fromBinary(FileDescriptorProtoSchema, bytes);

const ignoreUnknownFile = (error: unknown): void => {
  if (!(error instanceof ReflectionError)) throw error;
};

/** All files of the services with their imports. */
const closure = async (
  client: ReflectionClient,
  services: readonly string[],
): Promise<ReadonlyMap<string, FileDescriptorProto>> => {
  const files = new Map<string, FileDescriptorProto>();
  let size = 0;
  const add = (list: readonly Uint8Array[]): void => {
    for (const bytes of list) {
      const file = parsed(bytes);
      if (files.has(file.name)) continue;
      if (!isSafePath(file.name)) throw new ReflectionError(`the file name ${JSON.stringify(file.name)} is no path`);
      size += bytes.length;
      files.set(file.name, file);
      if (files.size > MAX_FILES || size > MAX_BYTES)
        throw new ReflectionError(`more than ${MAX_FILES} files or ${MAX_BYTES / 1024 / 1024} MiB of descriptors`);
    }
  };
  const tried = new Set<string>();
  const addNamed = async (names: readonly string[]): Promise<void> => {
    for (let at = 0; at < names.length; at += NAMES_OF_A_CALL)
      add(await client.filesNamed(names.slice(at, at + NAMES_OF_A_CALL)));
  };
  add(await client.filesOf(services));
  for (;;) {
    const before = files.size + tried.size;
    const imports = [...files.values()].flatMap(({ dependency }) => dependency);
    const absent = [...new Set(imports)].filter((name) => !files.has(name) && !tried.has(name));
    for (const name of absent) tried.add(name);
    // Files that come with the gateway are needed for the options of others only.
    await addNamed(absent.filter(isBuiltInImport)).catch(ignoreUnknownFile);
    await addNamed(absent.filter((name) => !isBuiltInImport(name)));
    const { files: completed, missing } = withImports(files);
    if (absent.length === 0 && missing.length === 0) return completed;
    for (let at = 0; at < missing.length; at += NAMES_OF_A_CALL)
      add(await client.filesOf(missing.slice(at, at + NAMES_OF_A_CALL)));
    if (files.size + tried.size === before) throw new ReflectionError(`the file of ${missing[0]} is missing`);
  }
};

/**
 * Reads the descriptors of a server by its reflection service.
 *
 * @throws CommandFailure with the reason and a fix, after 30 seconds at most
 */
export const readDescriptors = async (
  url: URL,
  headers: Readonly<Record<string, string>>,
  clock: Clock,
): Promise<ServerDescriptors> => {
  const controller = new AbortController();
  const timer = clock.after(MAX_SECONDS * 1_000, () => controller.abort(new Error('no answer in time')));
  const timeoutMs = MAX_SECONDS * 1_000;
  const { signal } = controller;
  const client = reflectionClient({ url, headers, clock, timeoutMs, maxBytes: MAX_BYTES, signal });
  const name = `${url.protocol}//${url.host}`;
  try {
    const services = (await client.services()).filter((service) => !isOfGrpc(service));
    if (services.length === 0) throw new CommandFailure(`${name} has no service besides those of gRPC itself.`);
    return { services, files: await closure(client, services) };
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw failureOf(error, name, signal.aborted);
  } finally {
    timer.cancel();
    client.close();
  }
};
