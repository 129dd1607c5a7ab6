import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import descriptor from 'protobufjs/ext/descriptor/index.js';

/** Version of the system's protoc, which differs from the gateway's own; null without one. */
export const installedProtoc: string | null =
  (process.env.PATH ?? '')
    .split(delimiter)
    // npm puts the gateway's own protoc first in PATH.
    .filter((folder) => !folder.includes('node_modules'))
    .map((folder) => join(folder, 'protoc'))
    .find((path) => existsSync(path)) ?? null;

/** A folder of .proto files, and the file that declares the service. */
export interface ProtoFolder {
  readonly folder: string;
  readonly entry: string;
}

const INCLUDE = '/usr/include';

const protoc = ({ folder, entry }: ProtoFolder, args: readonly string[], input: Uint8Array = new Uint8Array(0)) => {
  const file = join(folder, entry);
  const roots = [dirname(file), folder, INCLUDE].map((root) => `--proto_path=${root}`);
  const { status, stdout, stderr } = spawnSync(installedProtoc ?? 'protoc', [...roots, ...args, file], { input });
  return { isFine: status === 0, output: stdout, words: String(stderr) };
};

/** Descriptors of the folder, written by protoc and read by protobufjs; null if protoc rejects the files. */
export const describedBy = (protos: ProtoFolder, output: string, read: (path: string) => Uint8Array) => {
  const { isFine, words } = protoc(protos, ['--include_imports', `--descriptor_set_out=${output}`]);
  const set = isFine ? descriptor.FileDescriptorSet.decode(read(output)) : null;
  return { files: set === null ? null : descriptor.FileDescriptorSet.toObject(set, { longs: String }), words };
};

/** The message after protoc has decoded it to text and encoded it again. */
export const throughText = (protos: ProtoFolder, type: string, bytes: Uint8Array): Uint8Array => {
  const text = protoc(protos, [`--decode=${type}`], bytes);
  if (!text.isFine) throw new Error(`protoc cannot decode ${type}: ${text.words}`);
  const again = protoc(protos, [`--encode=${type}`], text.output);
  if (!again.isFine) throw new Error(`protoc cannot encode ${type}: ${again.words}`);
  return again.output;
};
