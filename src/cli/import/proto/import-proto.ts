import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { ProtoError } from '../../../protobuf/problems.ts';
import { type ProtoSchema, readProto } from '../../../protobuf/read-proto.ts';
import { CommandFailure } from '../../command/exit-code.ts';
import type { ImportedFolder } from '../imported-folder.ts';
import type { TakenNames } from '../names/taken-names.ts';
import { readService } from './read/read-service.ts';
import { methodsOf, selectMethods } from './read/service-methods.ts';
import { renamedService } from './renamed-service.ts';
import { serviceFolder } from './service-folder.ts';

/** How a .proto file becomes a module. */
export interface ProtoImport {
  readonly name: string;
  /** Title of the contract, for comments. */
  readonly title: string;
  readonly select: readonly string[];
  /** Methods that only read, in addition to those with the name of a read. */
  readonly reads: readonly string[];
  readonly all: boolean;
  readonly renames: readonly string[];
  readonly taken: TakenNames;
  readonly copies: ReadonlyMap<string, string>;
}

/** Folder of the .proto files in the module's folder. */
const ROOT = 'proto';

/** Files that come with protoc and with @grpc/proto-loader. */
const isCommon = (name: string): boolean => name.startsWith('google/protobuf/');

const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Reads a .proto file with its imports, which are searched in `protoPaths`, then in the file's folder.
 *
 * @throws CommandFailure with all problems of the files
 */
export const readProtoFile = (source: string, protoPaths: readonly string[]): ProtoSchema => {
  const file = resolve(source);
  if (!existsSync(file) || !statSync(file).isFile())
    throw new CommandFailure(`${source} is not a file: correct the path.`);
  if (statSync(file).size > MAX_BYTES) throw new CommandFailure(`${source} has more than 64 MiB.`);
  try {
    return readProto({ folder: dirname(file), proto: file, protoPaths: protoPaths.map((path) => resolve(path)) });
  } catch (error) {
    if (!(error instanceof ProtoError)) throw error;
    throw new CommandFailure(`The contract is not valid:\n${error.message.replaceAll('protoPaths', '--proto-path')}`, {
      cause: error,
    });
  }
};

/** Copies of a file and its imports, by path in the module's folder. */
export const protoCopies = ({ files }: ProtoSchema): ReadonlyMap<string, string> =>
  new Map(
    files.flatMap((file): [string, string][] =>
      isCommon(file.name) ? [] : [[`${ROOT}/${file.name}`, readFileSync(file.path, 'utf8')]],
    ),
  );

/**
 * Converts the services of a .proto file to a module's folder.
 *
 * @throws UsageError for a selection without a match; CommandFailure for a file without services
 */
export const importProto = (schema: ProtoSchema, options: ProtoImport): ImportedFolder => {
  const { name, title, taken } = options;
  const all = methodsOf(schema);
  if (all.length === 0)
    throw new CommandFailure(`${basename(schema.file)} has no service: import the file that has it.`);
  const methods = selectMethods(all, options.select, options.all);
  const reads = new Set(options.reads.length === 0 ? [] : selectMethods(methods, options.reads, true, '--reads'));
  const entry = schema.files.at(-1)?.name ?? '';
  const proto = `${ROOT}/${entry}`;
  const services = [...new Set(all.map(({ service }) => service))].map((service) => schema.service(service));
  const service = readService({ name, title, proto, root: ROOT, services, methods, all, reads, taken });
  return serviceFolder(renamedService(service, options.renames, taken), options.copies);
};
