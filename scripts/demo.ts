/**
 * `npm run demo`: runs the gateway and its mock services, each in its own process, and prints commands to try.
 * `--watch` (`npm run dev`) restarts the gateway after every save.
 *
 * The gateway inherits the environment. A mock is started for each of the shop's modules in `SCHEMA_DIR`, unless the
 * module's variable is set. `DEMO_MOCK_PORT_BASE` (4100) changes the ports of the mocks; 0 uses free ports.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { trimmed } from '../src/config/text.ts';
import type { Child } from './demo/child.ts';
import { exampleIn } from './demo/example.ts';
import { type Addresses, addressesOf, gatewayEnv, startGateway } from './demo/gateway.ts';
import { servicesFor, startMocks } from './demo/mocks.ts';
import { mockPortBase } from './demo/settings.ts';
import { welcome } from './demo/welcome.ts';

const { watch } = parseArgs({ options: { watch: { type: 'boolean', default: false } } }).values;
const env = trimmed(process.env);
const schemaDir = resolve(env.SCHEMA_DIR ?? join(import.meta.dirname, '../schema'));
const children = new Set<Child>();
const ending = new AbortController();

const keep = (child: Child): Child => {
  children.add(child);
  void child.ended.then(() => children.delete(child));
  return child;
};

const run = async () => {
  if (watch && !existsSync(schemaDir)) throw new Error(`SCHEMA_DIR: folder ${schemaDir} not found`);
  const services = servicesFor(schemaDir, env);
  const mocks = await startMocks(services, mockPortBase(env.DEMO_MOCK_PORT_BASE), env, keep);
  ending.signal.throwIfAborted();
  for (const { name, child } of mocks)
    void child.ended.then((how) => {
      if (!ending.signal.aborted) console.error(`The ${name} mock ended (${how}). The gateway continues without it.`);
    });
  const start = () => keep(startGateway({ ...gatewayEnv(mocks, env), SCHEMA_DIR: schemaDir }));
  const announce = (addresses: Addresses) =>
    console.log(
      welcome({ ...addresses, mocks, explorer: env.EXPLORER !== 'off', schemaDir, example: exampleIn(schemaDir) }),
    );
  await (watch ? reload(start, announce) : runOnce(start(), announce));
};

const runOnce = async (gateway: Child, announce: (addresses: Addresses) => void) => {
  announce(await addressesOf(gateway));
  const how = await gateway.ended;
  throw new Error(`The gateway ended (${how}).`);
};

const reload = async (start: () => Child, firstReady: (addresses: Addresses) => void) => {
  const { keepReloading } = await import('./demo/reload.ts');
  const folders = [schemaDir, join(import.meta.dirname, '../src')];
  await keepReloading({ schemaDir, folders, start, firstReady, signal: ending.signal });
};

ending.signal.addEventListener('abort', async () => {
  // The gateway was started last and stops first, so that it can finish its requests.
  const [last, ...others] = [...children].reverse();
  await last?.stop();
  await Promise.all(others.map((child) => child.stop()));
});
// A second signal does nothing: npm forwards Ctrl-C to a process that the terminal has already signalled.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => ending.abort());

try {
  await run();
} catch (error) {
  if (!ending.signal.aborted) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
} finally {
  ending.abort();
}
