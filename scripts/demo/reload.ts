import { writeAll } from '../codegen/generate.ts';
import { changesIn } from './changes.ts';
import type { Child } from './child.ts';
import { type Addresses, addressesOf } from './gateway.ts';

export interface Reloading {
  readonly schemaDir: string;
  /** Folders whose files the gateway is made of. */
  readonly folders: readonly string[];
  /** Starts another gateway. The one before it is gone by then. */
  start(): Child;
  /** Called for the first gateway that answers. */
  firstReady(addresses: Addresses): void;
  /** Ends the watch. Stopping the gateway is the caller's. */
  readonly signal: AbortSignal;
}

const WAITING = 'Waiting for the next save.';

/**
 * Keeps a gateway running that is made of what is on disk: writes generated files and starts again at every save.
 * Mistakes are printed, and the next save is waited for; a mistake in a schema leaves the running gateway as it is.
 */
export const keepReloading = async ({ schemaDir, folders, start, firstReady, signal }: Reloading): Promise<void> => {
  let gateway: Child | null = null;
  let announced = false;

  const reload = async () => {
    const began = performance.now();
    const before = gateway;
    gateway = null;
    await before?.stop();
    if (signal.aborted) return;
    const started = start();
    gateway = started;
    const addresses = await addressesOf(started);
    void started.ended.then((how) => {
      if (gateway === started && !signal.aborted) console.error(`The gateway ended (${how}). ${WAITING}`);
    });
    if (announced) console.log(`Reloaded in ${Math.round(performance.now() - began)} ms.`);
    else firstReady(addresses);
    announced = true;
  };

  const attempt = async (step: () => Promise<void>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      if (signal.aborted) return;
      console.error(error instanceof Error ? error.message : error);
      console.error(WAITING);
    }
  };

  const changes = changesIn(folders, signal);
  const next = changes.next();
  await attempt(async () => {
    await generate(schemaDir);
    await reload();
  });
  for (let result = await next; !result.done; result = await changes.next()) {
    const paths = [...result.value].filter(matters);
    if (paths.length === 0) continue;
    await attempt(async () => {
      if (paths.some(isSchema)) await generate(schemaDir);
      await reload();
    });
  }
};

const generate = async (schemaDir: string): Promise<void> => {
  const { mistakes } = await writeAll(schemaDir);
  if (mistakes.length > 0) throw new Error(mistakes.join('\n'));
};

const isSchema = (path: string): boolean => /\.(graphql|proto)$/.test(path);

// Generated files are written here, right before the start that reads them.
const matters = (path: string): boolean =>
  isSchema(path) || (/\.([cm]?[jt]s|json)$/.test(path) && !/\.(test|generated)\.[cm]?[jt]s$/.test(path));
