import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { resolveModulesIn } from '../../app/module-resolution.ts';
import { systemClock } from '../../core/clock.ts';

/** By type and field of a module: names of the required fields of other modules. */
export type DeclaredNeeds = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** The options of a gRPC upstream that types depend on. */
export interface DeclaredGrpc {
  readonly proto: string;
  readonly protoPaths?: readonly string[] | undefined;
  readonly service: string;
}

/** Declarations of a module that its types depend on, in addition to its SDL. */
export interface Imported {
  readonly name: string;
  readonly needs: DeclaredNeeds;
  readonly grpc: readonly DeclaredGrpc[];
  /** Reason for which the import failed; null after success. */
  readonly reason: string | null;
}

const Task = z.object({ schemaDir: z.string(), folders: z.array(z.string()) });

const Needs = z.record(z.string(), z.array(z.string()));
const Merge = z.record(z.string(), z.object({ needs: Needs.optional() }));
const Grpc = z.object({
  protocol: z.literal('grpc'),
  proto: z.string(),
  protoPaths: z.array(z.string()).optional(),
  service: z.string(),
});
const Module = z.object({
  default: z.object({ merge: Merge.optional(), upstreams: z.record(z.string(), z.unknown()).optional() }),
});

const needsOf = (merge: z.infer<typeof Merge>): DeclaredNeeds => {
  const declared = Object.entries(merge).map(([type, { needs }]) => [type, needs ?? {}] as const);
  return Object.fromEntries(declared.filter(([, needs]) => Object.keys(needs).length > 0));
};

/** Upstreams with invalid options are reported at the start of the gateway. */
const grpcIn = (upstreams: Readonly<Record<string, unknown>>): readonly DeclaredGrpc[] =>
  Object.values(upstreams).flatMap((upstream) => Grpc.safeParse(upstream).data ?? []);

const reasonOf = (error: unknown): string => {
  if (error instanceof z.ZodError)
    return `its default export is not a module: ${z.prettifyError(error).split('\n').join(' ')}`;
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
};

/** Timeout of an import. Without timers or handles, the thread ends by itself even if an import never settles. */
const MAX_IMPORT_MS = 10_000;

const withTimeout = async (imported: Promise<unknown>): Promise<unknown> => {
  const late = Promise.withResolvers<never>();
  const timer = systemClock.after(MAX_IMPORT_MS, () =>
    late.reject(new Error(`its import takes more than ${MAX_IMPORT_MS} ms`)),
  );
  return Promise.race([imported, late.promise]).finally(() => timer.cancel());
};

const importModule = async (schemaDir: string, name: string): Promise<Imported> => {
  try {
    const module = await withTimeout(import(pathToFileURL(join(schemaDir, name, 'index.ts')).href));
    const { merge = {}, upstreams = {} } = Module.parse(module).default;
    return { name, needs: needsOf(merge), grpc: grpcIn(upstreams), reason: null };
  } catch (error) {
    return { name, needs: {}, grpc: [], reason: reasonOf(error) };
  }
};

const importEach = async (schemaDir: string, folders: readonly string[]): Promise<void> => {
  for (const name of folders) parentPort?.postMessage(await importModule(schemaDir, name));
};

const { schemaDir, folders } = Task.parse(workerData);
resolveModulesIn(schemaDir);
// Without await: Node warns of a top-level await that is unsettled at exit, and an import may never settle.
void importEach(schemaDir, folders);
