import { systemClock } from '../../core/clock.ts';
import { writeAll } from '../codegen/generate.ts';
import { changesIn } from './changes.ts';
import type { Child } from './child.ts';
import { type Addresses, addressesOf } from './gateway-process.ts';

export interface Reloading {
  readonly schemaDir: string;
  /** Source folders of the gateway. */
  readonly folders: readonly string[];
  /** Starts another gateway. The previous one has ended by then. */
  start(): Child;
  /** Called once, when the first gateway is ready. */
  firstReady(addresses: Addresses): void;
  /** Ends the watch. The caller stops the gateway. */
  readonly signal: AbortSignal;
}

const WAITING = 'Waiting for the next save.';

/**
 * Keeps a gateway of the current files running: after every save it writes generated files and restarts the gateway.
 * Problems are printed; with a problem in a schema, the running gateway stays until the next save.
 */
export const keepReloading = async ({ schemaDir, folders, start, firstReady, signal }: Reloading): Promise<void> => {
  let gateway: Child | null = null;
  let announced = false;

  const reload = async () => {
    const began = systemClock.now();
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
    if (announced) console.log(`Reloaded in ${Math.round(systemClock.now() - began)} ms.`);
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
  const { problems } = await writeAll(schemaDir);
  if (problems.length > 0) throw new Error(problems.join('\n'));
};

const isSchema = (path: string): boolean => /\.(graphql|proto)$/.test(path);

// Generated files are written here, right before the restart.
const matters = (path: string): boolean =>
  isSchema(path) || (/\.([cm]?[jt]s|json)$/.test(path) && !/\.(test|generated)\.[cm]?[jt]s$/.test(path));
