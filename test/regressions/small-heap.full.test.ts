import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { BACKEND_NAMES } from '../../services-mock/start.ts';
import { mockFor } from '../../services-mock/test-clients.ts';
import { VARIABLES } from '../support/gateway/gateway.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';
import { startNode } from '../support/processes/processes.ts';

const LARGE = `{ orders(first: 2000) { id status placedAt customer { id name email since } items { quantity
  product { id name description category price currency weight stock { available warehouse } } } } }`;
const SMALL = '{ customer(id: "c1") { name } }';
/** Their copies of one shared answer of a backend are larger than the heap. */
const AT_ONCE = 300;
const VERY_PATIENT = { timeout: 90_000 } as const;
const BUSY = { status: 503, code: 'OVERLOADED', retryAfter: '1' };

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
  /** Fails with the end and the output of the process if the connection is lost. */
  const reported = <T>(sent: Promise<T>): Promise<T> =>
    sent.catch(async (cause: unknown) => {
      const ending = await Promise.race([running.ended, setTimeout(1_000, 'none')]);
      const message = `Lost connection. End of the process: ${JSON.stringify(ending)}. Output:\n${running.output()}`;
      throw new Error(message, { cause });
    });
  const post = async (query: string) => {
    const response = await reported(
      fetch(graphql, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      }),
    );
    const { status, headers } = response;
    // The gateway may cut a response that this process, itself busy, reads slowly.
    const text = await response.text().catch(() => '"code":"CUT"');
    return { status, code: /"code":"(\w+)"/.exec(text)?.[1] ?? null, retryAfter: headers.get('retry-after') };
  };
  const probe = (path: string) => reported(fetch(new URL(path, admin)).then((response) => response.text()));
  return { post, probe };
};

test('256 distinct documents do not crash a process with a heap of 128 MiB', async () => {
  const { post } = await gatewayWith(128);
  for (let n = 0; n < 256; n += 1) expect((await post(distinct(n))).status).toBe(200);
}, 240_000);

test('concurrent large queries do not crash a process with a heap of 192 MiB: some are answered, the others rejected', async () => {
  const { post, probe } = await gatewayWith(192);
  /** The rejected ones of many large queries. Small ones meanwhile go on. */
  const burst = async () => {
    let isOver = false;
    const large = Promise.all(Array.from({ length: AT_ONCE }, () => post(LARGE))).finally(() => {
      isOver = true;
    });
    const small: (string | null)[] = [];
    const others = (async () => {
      while (!isOver) small.push((await post(SMALL)).code);
    })();
    const [answers] = await Promise.all([large, others]);
    expect(small.length).toBeGreaterThan(0);
    expect(small).not.toContain('OVERLOADED');
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused).toEqual(refused.map(() => BUSY));
    expect(refused.length).toBeLessThan(AT_ONCE);
    return refused;
  };
  // On a busy machine a backend may exceed its timeout. Its queries then need no memory, and are sent again.
  await vi.waitUntil(async () => (await burst()).length > 0, VERY_PATIENT);
  expect(await probe('/metrics')).toMatch(/tributary_limit_refusals_total\{tributary_limit="memory"\} \d+/);
  await vi.waitUntil(async () => /^tributary_memory_in_flight 0$/m.test(await probe('/metrics')), LONG_WAIT);
  await vi.waitUntil(async () => (await post(LARGE)).code === null, VERY_PATIENT);
}, 240_000);
