import { existsSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A .proto file as a module names it. */
export interface ProtoSource {
  /** Absolute path of the module's folder. */
  readonly folder: string;
  /** Path relative to the folder, or to one of `protoPaths`. */
  readonly proto: string;
  /** Folders that imports start in, relative to the module's folder. Default none. */
  readonly protoPaths?: readonly string[] | undefined;
}

/** A .proto file, and the folders that its imports start in. The paths are absolute. */
export interface FoundProto {
  readonly file: string;
  /** Folders that imports are relative to, in the order of the search. */
  readonly roots: readonly string[];
}

/** Google's files that come with the gateway: `google/protobuf` with protoc, the common others with this project. */
const BUILT_IN: readonly string[] = [
  fileURLToPath(new URL('./include', import.meta.url)),
  join(dirname(fileURLToPath(import.meta.resolve('protoc/package.json'))), 'include'),
];

/**
 * Finds a .proto file and the folders of its imports: `protoPaths`, the file's own folder, the module's folder, then
 * Google's files. `file` may be a path that does not exist.
 */
export const findProto = ({ folder, proto, protoPaths = [] }: ProtoSource): FoundProto => {
  const declared = protoPaths.map((path) => resolve(folder, path));
  const candidates = [folder, ...declared].map((root) => resolve(root, proto));
  const file = candidates.find((path) => existsSync(path)) ?? resolve(folder, proto);
  return { file, roots: [...new Set([...declared, dirname(file), folder, ...BUILT_IN])] };
};

/**
 * Returns the path on disk of a file in protoc's output, which is relative to a root or absolute; null for a missing
 * file.
 */
export const onDisk = ({ roots }: FoundProto, name: string): string | null =>
  roots.map((root) => resolve(root, name)).find((path) => existsSync(path)) ?? null;

/** True if the file comes with the gateway. */
export const isBuiltIn = (file: string): boolean => BUILT_IN.some((root) => file.startsWith(root + sep));

/** Returns the folders that a module's imports may start in, without those that come with the gateway. */
export const ownRoots = ({ roots }: FoundProto): readonly string[] => roots.filter((root) => !BUILT_IN.includes(root));

/** True if a file that is imported by this name comes with the gateway. */
export const isBuiltInImport = (name: string): boolean => BUILT_IN.some((root) => existsSync(join(root, name)));
