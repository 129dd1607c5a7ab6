import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { trimmed } from '../../config/text.ts';
import { CommandFailure } from '../command/exit-code.ts';
import type { Child } from './child.ts';
import { type Addresses, addressesOf, gatewayEnv, gatewayProcess } from './gateway-process.ts';
import { lacksLoginPort, mockPortBase, servicesFor, startMocks } from './mocks.ts';
import { exampleIn, welcome } from './welcome.ts';

const SOURCES = join(import.meta.dirname, '../..');
const SHOP = join(SOURCES, '../schema');

interface Demo {
  readonly watch: boolean;
  readonly env: NodeJS.ProcessEnv;
  readonly schemaDir: string;
  /** Ends the demo. */
  readonly signal: AbortSignal;
  /** Registers a child process, to be stopped at the end. */
  keep(child: Child): Child;
}

const run = async ({ watch, env, schemaDir, signal, keep }: Demo): Promise<void> => {
  if (watch && !existsSync(schemaDir)) throw new CommandFailure(`SCHEMA_DIR: folder ${schemaDir} not found`);
  const services = servicesFor(schemaDir, env);
  const mocks = await startMocks(services, mockPortBase(env.DEMO_MOCK_PORT_BASE), env, keep);
  signal.throwIfAborted();
  for (const { name, child } of mocks)
    void child.ended.then((how) => {
      if (!signal.aborted) console.error(`The ${name} mock ended (${how}). The gateway continues without it.`);
    });
  const start = () => keep(gatewayProcess({ ...gatewayEnv(mocks, env), SCHEMA_DIR: schemaDir }));
  const shown = {
    ...{ mocks, schemaDir, explorer: env.EXPLORER !== 'off', example: exampleIn(schemaDir) },
    lacksLoginPort: lacksLoginPort(services, env),
  };
  const announce = (addresses: Addresses) => console.log(welcome({ ...addresses, ...shown }));
  if (!watch) return runOnce(start(), announce);
  const { keepReloading } = await import('./reload.ts');
  await keepReloading({ schemaDir, folders: [schemaDir, SOURCES], start, firstReady: announce, signal });
};

const runOnce = async (gateway: Child, announce: (addresses: Addresses) => void): Promise<void> => {
  announce(await addressesOf(gateway));
  const how = await gateway.ended;
  throw new CommandFailure(`The gateway ended (${how}).`);
};

/** Stops the processes. The gateway was started last and stops first, so that it can finish its requests. */
const stopAll = async (children: ReadonlySet<Child>): Promise<void> => {
  const [last, ...others] = [...children].reverse();
  await last?.stop();
  await Promise.all(others.map((child) => child.stop()));
};

/**
 * Runs the gateway and its mock services, each in its own process, and prints commands to try, until SIGINT, SIGTERM or
 * SIGHUP. With `watch` it restarts the gateway after every save.
 *
 * @throws CommandFailure if a process cannot be started, or if the gateway ends
 */
export const runDemo = async (watch: boolean, environment: NodeJS.ProcessEnv): Promise<void> => {
  const env = trimmed(environment);
  const children = new Set<Child>();
  const keep = (child: Child): Child => {
    children.add(child);
    void child.ended.then(() => children.delete(child));
    return child;
  };
  const ending = new AbortController();
  const { signal } = ending;
  const stopped = new Promise<void>((settle) =>
    signal.addEventListener('abort', () => settle(stopAll(children)), { once: true }),
  );
  // A second signal does nothing: npm forwards Ctrl-C to a process that the terminal has already signalled.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => ending.abort());
  try {
    await run({ watch, env, schemaDir: resolve(env.SCHEMA_DIR ?? SHOP), signal, keep });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    ending.abort();
    await stopped;
  }
};
