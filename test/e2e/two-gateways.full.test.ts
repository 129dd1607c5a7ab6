import { randomUUID } from 'node:crypto';
import { readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { BACKEND_NAMES } from '../../services-mock/start.ts';
import { mockFor } from '../../services-mock/test-clients.ts';
import { redisUrl } from '../support/backends/redis.ts';
import { VARIABLES } from '../support/gateway/gateway.ts';
import { folderWith } from '../support/modules/module-folder.ts';
import { ROOT, startNode } from '../support/processes/processes.ts';

const LIMIT = 10;
const WINDOW_SECONDS = 1;
const WINDOWS = 10;
/** Maximum time. Only windows decided by the limit alone count; a busy machine has more of the others. */
const MAX_MS = 400_000;

/** Other tests may use the same Redis: a counter is named after its field. */
const FIELD = `ticket_${randomUUID().replaceAll('-', '')}`;

const TICKETS = `
import { defineBackend } from 'tributary/backend';
const text = 'type Query { ${FIELD}: Boolean @rateLimit(limit: ${LIMIT}, duration: ${WINDOW_SECONDS}) }';
export default defineBackend()({
  name: 'tickets',
  typeDefs: { text, file: import.meta.filename },
  resolvers: { Query: { ${FIELD}: () => true } },
});
`;

const Answer = z.object({
  data: z.object({ [FIELD]: z.boolean().nullable() }),
  errors: z
    .array(
      z.object({
        extensions: z.object({ code: z.literal('RATE_LIMITED'), details: z.object({ retryAfter: z.int() }) }),
      }),
    )
    .length(1)
    .optional(),
});
/** Half of the gateway's timeout for Redis. */
const MAX_DELAY_MS = 25;
const Health = z.looseObject({ store: z.object({ kind: z.literal('redis'), status: z.string() }) });

interface Gateway {
  /** Seconds to wait for the next ticket; null if there was one. */
  runQuery(): Promise<number | null>;
  isSharing(): Promise<boolean>;
  /** Number of failed calls to Redis so far, after which the gateway counted locally. */
  lapses(): number;
}

/** The modules of the repository, and one with tickets. */
const schemaFolder = (): string => {
  const folder = folderWith({ 'tickets/index.ts': TICKETS });
  for (const { name } of readdirSync(join(ROOT, 'schema'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  ))
    symlinkSync(join(ROOT, 'schema', name), join(folder, name));
  return folder;
};

const startGateway = async (env: Readonly<Record<string, string>>): Promise<Gateway> => {
  const running = startNode('src/main.ts', [], { env });
  onTestFinished(() => running.stop().then(() => {}));
  const [, graphql = '', admin = ''] = await running.waitFor(/ready: (\S+) \(admin (\S+)\)/);
  return {
    runQuery: async () => {
      const response = await fetch(graphql, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: `{ ${FIELD} }` }),
      });
      const { data, errors } = Answer.parse(await response.json());
      expect([data[FIELD], errors === undefined]).toEqual(errors === undefined ? [true, true] : [null, false]);
      return errors?.[0]?.extensions.details.retryAfter ?? null;
    },
    isSharing: async () => Health.parse(await (await fetch(new URL('/health', admin))).json()).store.status === 'ok',
    lapses: () => running.output().split('Redis does not answer').length - 1,
  };
};

const twoGateways = async (redis: string): Promise<readonly [Gateway, Gateway]> => {
  const mocks = await Promise.all(
    BACKEND_NAMES.map(async (name) => [VARIABLES[name], (await mockFor(name)).url] as const),
  );
  const env = {
    ...Object.fromEntries(mocks),
    ...{ PORT: '0', HOST: '127.0.0.1', ADMIN_PORT: '0', LOG_LEVEL: 'warn', CLIENT_RATE_LIMIT: 'off' },
    ...{ SCHEMA_DIR: schemaFolder(), REDIS_URL: redis, RATE_LIMIT_REPLICAS: '2' },
  };
  return Promise.all([startGateway(env), startGateway(env)]);
};

/**
 * Tickets issued by both gateways in one window, with three times the limit requested concurrently; null if the
 * requests crossed a window, or if a gateway counted locally.
 */
const admittedInOneWindow = async (gateways: readonly [Gateway, Gateway]): Promise<number | null> => {
  const [one, other] = gateways;
  await vi.waitUntil(async () => (await one.isSharing()) && (await other.isSharing()), {
    timeout: 60_000,
    interval: 50,
  });
  const lapses = () => one.lapses() + other.lapses();
  const before = lapses();
  // On a busy machine calls to Redis are late, and the gateway then counts locally.
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  let [began, isUsedUp] = [0, false];
  // The first ticket after a rejection begins a window.
  await vi.waitUntil(
    async () => {
      began = performance.now();
      const isAdmitted = (await one.runQuery()) === null;
      isUsedUp ||= !isAdmitted;
      return isUsedUp && isAdmitted;
    },
    { timeout: 60_000, interval: 20 },
  );
  const waits = await Promise.all(Array.from({ length: 3 * LIMIT }, (_, n) => (n % 2 === 0 ? one : other).runQuery()));
  const ended = performance.now();
  for (const seconds of waits.filter((wait) => wait !== null)) {
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThanOrEqual(WINDOW_SECONDS);
  }
  delay.disable();
  const isPunctual = delay.max / 1e6 < MAX_DELAY_MS;
  const isWhole = isPunctual && ended - began < WINDOW_SECONDS * 1_000 && lapses() === before;
  return isWhole ? 1 + waits.filter((wait) => wait === null).length : null;
};

const url = await redisUrl();

test.skipIf(url === null)(
  `two gateways on one Redis give as much as the limit says in each of ${WINDOWS} windows (${url ?? 'neither REDIS_URL nor redis-server is there'})`,
  async () => {
    const gateways = await twoGateways(url ?? '');
    const admitted: number[] = [];
    const since = performance.now();
    while (admitted.length < WINDOWS && performance.now() - since < MAX_MS) {
      const found = await admittedInOneWindow(gateways);
      if (found !== null) admitted.push(found);
    }
    expect(admitted).toHaveLength(WINDOWS);
    for (const count of admitted) expect(Math.abs(count - LIMIT)).toBeLessThanOrEqual(1);
  },
  MAX_MS + 200_000,
);
