import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FoundProto } from './find-proto.ts';
import { ProtoError, problemsIn } from './problems.ts';

/** Executables of the npm package `protoc`, by platform and architecture. */
const EXECUTABLES: Readonly<Record<string, string>> = {
  'darwin-arm64': 'protoc-osx-aarch_64',
  'darwin-x64': 'protoc-osx-x86_64',
  'linux-arm64': 'protoc-linux-aarch_64',
  'linux-x64': 'protoc-linux-x86_64',
  'win32-x64': 'protoc-win64.exe',
};
/** Timeout of protoc in milliseconds. A schema of a thousand files takes less than a second. */
const MAX_MS = 20_000;
const MAX_MESSAGES_BYTES = 4_194_304;
/** Fallback for containers with a read-only root file system, in which it is writable. */
const SHARED_MEMORY = '/dev/shm';

const rejected = ({ file }: FoundProto, problem: string, fix: string, cause?: unknown): ProtoError =>
  new ProtoError([{ file, location: null, problem, fix }], { cause });

const PACKAGE = dirname(fileURLToPath(import.meta.resolve('protoc/package.json')));

/** Returns the path of protoc. @throws ProtoError on a platform without an executable in the npm package */
const executable = (found: FoundProto): string => {
  const platform = `${process.platform}-${process.arch}`;
  const name = EXECUTABLES[platform];
  if (name !== undefined) return join(PACKAGE, 'bin', name);
  const known = Object.keys(EXECUTABLES).join(', ');
  throw rejected(found, `protoc is not available for ${platform}`, `Use one of these platforms: ${known}.`);
};

const temporaryFolder = (found: FoundProto): string => {
  let failure: unknown;
  for (const parent of [tmpdir(), SHARED_MEMORY])
    try {
      return mkdtempSync(join(parent, 'tributary-proto-'));
    } catch (error) {
      failure = error;
    }
  throw rejected(
    found,
    'the result cannot be written: no temporary folder is writable',
    'Set TMPDIR to a writable folder.',
    failure,
  );
};

// The result goes through a file: protoc opens its output by path, and the pipes of Node's child processes are sockets
// without a path.
/**
 * Compiles a .proto file and all of its imports with protoc. Returns a serialized FileDescriptorSet with comments.
 *
 * @throws ProtoError with every error that protoc reports.
 */
export const runProtoc = (found: FoundProto): Uint8Array => {
  const split = found.roots.find((root) => root.includes(delimiter));
  if (split !== undefined)
    throw rejected(found, `protoc cannot search ${split}, because its path has a "${delimiter}"`, 'Rename the folder.');
  const folder = temporaryFolder(found);
  try {
    const output = join(folder, 'descriptors');
    const args = [
      // The empty name before the second `=`: protoc would take a path up to a `=` as a virtual path.
      ...found.roots.filter((root) => existsSync(root)).map((root) => `--proto_path==${root}`),
      '--include_imports',
      '--include_source_info',
      `--descriptor_set_out=${output}`,
      found.file,
    ];
    const { error, status, stderr } = spawnSync(executable(found), args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
      timeout: MAX_MS,
      maxBuffer: MAX_MESSAGES_BYTES,
    });
    if (error !== undefined)
      throw rejected(
        found,
        `protoc cannot be run (${error.message})`,
        'Install the dependencies again on this platform.',
        error,
      );
    if (status !== 0) throw new ProtoError(problemsIn(found, stderr));
    return readFileSync(output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
