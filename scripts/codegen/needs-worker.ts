import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { resolveModulesIn } from '../../src/module-resolution.ts';

/** By type and field of a module: names of the fields that other modules give to that type. */
export type DeclaredNeeds = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** What importing a module told. */
export interface Imported {
  readonly name: string;
  readonly needs: DeclaredNeeds;
  /** Why it could not be imported; null where it could. */
  readonly reason: string | null;
}

const Task = z.object({ schemaDir: z.string(), folders: z.array(z.string()) });

const Needs = z.record(z.string(), z.array(z.string()));
const Merge = z.record(z.string(), z.object({ needs: Needs.optional() }));
const Module = z.object({ default: z.object({ merge: Merge.optional() }) });

const needsOf = (module: unknown): DeclaredNeeds => {
  const merge = Module.parse(module).default.merge ?? {};
  const declared = Object.entries(merge).map(([type, { needs }]) => [type, needs ?? {}] as const);
  return Object.fromEntries(declared.filter(([, needs]) => Object.keys(needs).length > 0));
};

const reasonOf = (error: unknown): string => {
  if (error instanceof z.ZodError)
    return `its default export is no module: ${z.prettifyError(error).split('\n').join(' ')}`;
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
};

/** What a module may take. One that waits for ever ends this thread by itself, unless something else keeps it alive. */
const LONGEST_MS = 10_000;

const inTime = async (imported: Promise<unknown>): Promise<unknown> => {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`its import takes more than ${LONGEST_MS} ms`)), LONGEST_MS);
  timer.unref();
  return Promise.race([imported, late.promise]).finally(() => clearTimeout(timer));
};

const told = async (schemaDir: string, name: string): Promise<Imported> => {
  try {
    const module = await inTime(import(pathToFileURL(join(schemaDir, name, 'index.ts')).href));
    return { name, needs: needsOf(module), reason: null };
  } catch (error) {
    return { name, needs: {}, reason: reasonOf(error) };
  }
};

const { schemaDir, folders } = Task.parse(workerData);
resolveModulesIn(schemaDir);
for (const name of folders) parentPort?.postMessage(await told(schemaDir, name));
