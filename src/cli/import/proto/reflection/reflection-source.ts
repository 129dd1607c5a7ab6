import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { create, createFileRegistry, createRegistry, type Registry } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { isBuiltInImport } from '../../../../protobuf/find-proto.ts';
import type { ProtoSchema } from '../../../../protobuf/read-proto.ts';
import { CommandFailure, UsageError } from '../../../command/exit-code.ts';
import { type ImportOptions, parsedHeaders } from '../../import-options.ts';
import type { ImportDependencies, ImportSource } from '../../import-source.ts';
import { importProto, protoCopies, readProtoFile } from '../import-proto.ts';
import { methodsOf } from '../read/service-methods.ts';
import { protoFileText } from './file-text.ts';
import { readDescriptors, type ServerDescriptors } from './read-descriptors.ts';

/** Name of a file that imports those of several services. */
const ENTRY = 'imported-services.proto';

const declares = ({ package: name, service }: FileDescriptorProto, services: ReadonlySet<string>): boolean =>
  service.some((one) => services.has(name === '' ? one.name : `${name}.${one.name}`));

/** The types of the files, for their options; none if the server has sent only a part of the files. */
const registryOf = (root: FileDescriptorProto, files: ServerDescriptors['files']): Registry => {
  try {
    return createFileRegistry(root, (name) => files.get(name));
  } catch {
    return createRegistry();
  }
};

/** The texts of the files, by name, and the name of the file with the services or their imports. */
const textsOf = ({ services, files }: ServerDescriptors): { entry: string; texts: Map<string, string> } => {
  const wanted = new Set(services);
  const entries = [...files.values()].filter((file) => declares(file, wanted)).map(({ name }) => name);
  const root = create(FileDescriptorProtoSchema, { name: ENTRY, syntax: 'proto3', dependency: entries });
  const registry = registryOf(root, files);
  const own = [...files.values()].filter(({ name }) => !isBuiltInImport(name));
  const [only, ...others] = entries;
  const entry = others.length === 0 && only !== undefined ? only : ENTRY;
  const written = entry === ENTRY ? [root, ...own] : own;
  return { entry, texts: new Map(written.map((file) => [file.name, protoFileText(file, registry)])) };
};

/** Reads the files as the gateway does, and their copies. */
const readTexts = (
  entry: string,
  texts: ReadonlyMap<string, string>,
): { readonly schema: ProtoSchema; readonly copies: ReadonlyMap<string, string> } => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-import-'));
  try {
    for (const [name, text] of texts) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const schema = readProtoFile(join(folder, entry), [folder]);
    return { schema, copies: protoCopies(schema) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const urlOf = (source: string): URL => {
  const url = URL.canParse(source) ? new URL(source) : null;
  if (url === null || url.host === '' || url.port === '' || url.username !== '' || url.password !== '')
    throw new UsageError('The address of a gRPC server has the form grpc://host:port, or grpcs:// with TLS.');
  return url;
};

/** Reads the services of a running gRPC server by its reflection service. */
export const reflectionSource = async (
  options: ImportOptions,
  { clock }: ImportDependencies,
): Promise<ImportSource> => {
  const { source, select, reads, all, list, headers, renames } = options;
  const url = urlOf(source);
  const title = `${url.protocol}//${url.host}`;
  const server = await readDescriptors(url, parsedHeaders(headers), clock);
  const { entry, texts } = textsOf(server);
  const { schema, copies } = readTexts(entry, texts);
  if (methodsOf(schema).length === 0) throw new CommandFailure(`${title} has no methods.`);
  const names = server.services.map((service) => service.slice(service.lastIndexOf('.') + 1).replace(/Service$/, ''));
  return {
    name: title,
    names: [...names, url.hostname],
    convert: (name, taken) =>
      importProto(schema, { name, title, select, reads, all: all || list, renames, taken, copies }),
  };
};
