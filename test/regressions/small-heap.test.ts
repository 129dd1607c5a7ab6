import { expect, onTestFinished, test, vi } from 'vitest';
import { BACKEND_NAMES } from '../../services-mock/start.ts';
import { mockFor } from '../../services-mock/test-clients.ts';
import { VARIABLES } from '../support/gateway.ts';
import { PATIENT } from '../support/patience.ts';
import { startNode } from '../support/processes.ts';

const LARGE = `{ orders(first: 2000) { id status placedAt customer { id name email since } items { quantity
  product { id name description category price currency weight stock { available warehouse } } } } }`;
const SMALL = '{ customer(id: "c1") { name } }';
const AT_ONCE = 60;

/** A document of about 2.5 KB, different from all others. */
const distinct = (n: number): string => {
  const field = (at: number): string =>
    `a${n}_${at}: orders(first: 1) { id status placedAt customer { id name email since } items { quantity product { id name } } }`;
  return `query Q${n} { ${Array.from({ length: 18 }, (_, at) => field(at)).join(' ')} }`;
};

/** A gateway process with a heap of this many MiB, over the mocks of the shop. */
const gatewayWith = async (heapMib: number) => {
  const mocks = await Promise.all(
    BACKEND_NAMES.map(async (name) => [VARIABLES[name], (await mockFor(name)).url] as const),
  );
  const running = startNode('src/main.ts', [], {
    nodeOptions: [`--max-old-space-size=${heapMib}`],
    env: {
      ...Object.fromEntries(mocks),
      ...{ PORT: '0', HOST: '127.0.0.1', ADMIN_PORT: '0', LOG_LEVEL: 'error', CLIENT_RATE_LIMIT: 'off' },
      // Long enough for a busy machine: the test is about memory, not speed.
      REQUEST_TIMEOUT_MS: '60000',
    },
  });
  onTestFinished(() => running.stop('SIGKILL').then(() => {}));
  const [, graphql = '', admin = ''] = await running.waitFor(/ready: (\S+) \(admin (\S+)\)/);
  const post = async (query: string) => {
    const response = await fetch(graphql, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    const text = await response.text();
    const code = /"code":"(\w+)"/.exec(text)?.[1] ?? null;
    return { status: response.status, code, retryAfter: response.headers.get('retry-after') };
  };
  return { post, probe: async (path: string) => (await fetch(new URL(path, admin))).text() };
};

test('256 distinct documents do not crash a process with a heap of 128 MiB', async () => {
  const { post } = await gatewayWith(128);
  for (let n = 0; n < 256; n += 1) expect((await post(distinct(n))).status).toBe(200);
}, 240_000);

test('concurrent large queries do not crash a process with a heap of 192 MiB: some are answered, the others rejected', async () => {
  const { post, probe } = await gatewayWith(192);
  let isOver = false;
  const small: (string | null)[] = [];
  const others = (async () => {
    while (!isOver) small.push((await post(SMALL)).code);
  })();
  const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => post(LARGE)));
  isOver = true;
  await others;
  const answered = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status !== 200);
  expect(answered.length).toBeGreaterThan(0);
  expect(answered.map(({ code }) => code)).toEqual(answered.map(() => null));
  expect(refused.length).toBeGreaterThan(0);
  for (const answer of refused) expect(answer).toEqual({ status: 503, code: 'OVERLOADED', retryAfter: '1' });
  expect(small.length).toBeGreaterThan(0);
  expect(small).toEqual(small.map(() => null));
  expect(await probe('/metrics')).toMatch(/tributary_limit_refusals_total\{tributary_limit="memory"\} \d+/);
  await vi.waitUntil(async () => /^tributary_memory_in_flight 0$/m.test(await probe('/metrics')), PATIENT);
  expect(await post(LARGE)).toMatchObject({ status: 200, code: null });
}, 240_000);
