/**
 * `npm run demo`: the gateway in front of mock services, each a process of its own, with commands to try it.
 * `--watch` (`npm run dev`) starts the gateway again at every save.
 *
 * The gateway gets the environment. Mocks of the shop's services run for the shop's modules in `SCHEMA_DIR` whose
 * variable is not set. `DEMO_MOCK_PORT_BASE` (4100) moves them; 0 takes free ports.
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
  if (watch && !existsSync(schemaDir)) throw new Error(`SCHEMA_DIR: there is no folder ${schemaDir}`);
  const services = servicesFor(schemaDir, env);
  const mocks = await startMocks(services, mockPortBase(env.DEMO_MOCK_PORT_BASE), env, keep);
  ending.signal.throwIfAborted();
  for (const { name, child } of mocks)
    void child.ended.then((how) => {
      if (!ending.signal.aborted) console.error(`The ${name} mock ended (${how}). The gateway goes on without it.`);
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
  // The gateway was started last and stops first: it still answers what it has begun.
  const [last, ...others] = [...children].reverse();
  await last?.stop();
  await Promise.all(others.map((child) => child.stop()));
});
// Asked twice is asked once: npm hands Ctrl-C on to a process that the terminal has already told.
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
