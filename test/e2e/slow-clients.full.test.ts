import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { startSmall } from '../support/gateway/small-process.ts';
import { startProcess } from '../support/processes/processes.ts';

const isInstalled = spawnSync('slowhttptest', ['-h']).error === undefined;
if (!isInstalled && process.env.CI !== undefined)
  throw new Error('slowhttptest is not installed, and CI skips nothing.');

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to remove
const ESCAPES = /\u001b\[[\d;]*[A-Za-z]/g;

const SECONDS = 12;
const CONNECTIONS = 400;

/** Options of slowhttptest for its attacks: Slowloris, R-U-Dead-Yet, and responses that are read slowly. */
const ATTACKS = [
  ['headers that never end', ['-H', '-i', '2', '-x', '24']],
  ['bodies that never end', ['-B', '-i', '2', '-s', '65536', '-x', '24', '-t', 'POST']],
  ['short responses that are read slowly', ['-X', '-w', '16', '-y', '64', '-n', '2', '-z', '8', '-k', '3']],
] as const;

/** Attacks a gateway of its own, while another client sends queries. */
const attackAndServe = async ([what, options]: (typeof ATTACKS)[number]): Promise<void> => {
  const gateway = await startSmall();
  expect((await gateway.post('{ hello }')).status).toBe(200);
  // Its GET has no header that a page could not send, so that the response is a short 400.
  const url = `${gateway.origin}/graphql?query={hello}`;
  const common = [
    // With a type, a GET is no forged request of a page.
    ...['-f', 'application/json'],
    ...['-c', String(CONNECTIONS), '-r', '200', '-l', String(SECONDS), '-p', '3', '-u', url],
  ];
  const attack = startProcess('slowhttptest', [...common, ...options]);
  let isOver = false;
  const ended = attack.ended.then(() => {
    isOver = true;
  });
  const statuses: number[] = [];
  while (!isOver) {
    const [answer] = await Promise.all([
      gateway.post('{ items(count: 20) { id } }'),
      new Promise((next) => setTimeout(next, 20)),
    ]);
    statuses.push(answer.status);
  }
  await ended;
  expect(statuses.length, what).toBeGreaterThan(10);
  expect(new Set(statuses), what).toEqual(new Set([200]));
  // Without the colours of a terminal.
  expect(attack.output().replaceAll(ESCAPES, ''), what).toMatch(/service available:\s+YES/);
  expect((await gateway.post('{ hello }')).status, what).toBe(200);
};

test.skipIf(!isInstalled)(
  `with slowhttptest (${isInstalled ? 'installed' : 'not installed'}), slow headers, bodies and readers leave other clients unharmed, and are closed`,
  async () => {
    // Each takes twenty seconds of waiting.
    await Promise.all(ATTACKS.map(attackAndServe));
  },
);
