import { basename } from 'node:path';
import type { ImportOptions } from '../import-options.ts';
import type { ImportSource } from '../import-source.ts';
import { shownPath } from '../read-source.ts';
import { importProto, protoCopies, readProtoFile } from './import-proto.ts';

/** Reads a .proto file. */
export const protoSource = async (options: ImportOptions): Promise<ImportSource> => {
  const { source, protoPaths, select, reads, all, list, renames } = options;
  const schema = readProtoFile(source, protoPaths);
  const [service = ''] = schema.ownServices;
  const copies = protoCopies(schema);
  return {
    name: shownPath(source),
    names: [basename(source, '.proto'), service.slice(service.lastIndexOf('.') + 1)],
    convert: (name, taken) =>
      importProto(schema, { name, title: service || name, select, reads, all: all || list, renames, taken, copies }),
  };
};
