import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { query, signInAs } from '../support/auth/session-rig.ts';
import { askForOrderPage } from '../support/gateway/order-page.ts';
import { type LocalCompose, localCompose } from '../support/processes/compose.ts';
import { composed } from '../support/processes/composed.ts';

const MOCKS = { accounts: 5101, catalog: 5102, orders: 5103, inventory: 5104 };

const local = composed();
let compose: LocalCompose;
let graphqlUrl: string;

const isInstalled = (program: string): boolean => {
  try {
    execFileSync('which', [program]);
    return true;
  } catch {
    return false;
  }
};

beforeAll(async () => {
  compose = await localCompose();
  // The rest of the file can be tested without Redis.
  await local.up(compose.services.filter(({ name }) => name !== 'redis' || isInstalled('redis-server')));
  graphqlUrl = `http://127.0.0.1:${await compose.portOf('gateway', 4000)}/graphql`;
}, 240_000);

afterAll(() => local.down());

test('compose starts all services, and the gateway answers', async () => {
  const page = await askForOrderPage(graphqlUrl);
  expect(page).toMatchObject({ status: 200, errors: [] });
  expect(page.orders).toHaveLength(20);
});

test('a customer signs in at the login service', async () => {
  const origin = `http://localhost:${await compose.portOf('gateway', 4000)}`;
  const browser = await signInAs({ origin });
  expect(await query(browser, origin, '{ me { id } }')).toMatchObject({ status: 200, data: { me: { id: 'c1' } } });
});

test('both replicas of every service receive calls', async () => {
  const replicas = Object.entries(MOCKS).flatMap(([name, controlPort]) =>
    [`${name}-1`, `${name}-2`].map((replica) => ({ replica, controlPort })),
  );
  const notCalled = async (): Promise<readonly string[]> => {
    // Concurrent: sequential calls may all go to the faster replica.
    await Promise.all(Array.from({ length: 12 }, () => askForOrderPage(graphqlUrl)));
    const asked = await Promise.all(
      replicas.map(async ({ replica, controlPort }) => {
        const answer = await fetch(`http://127.0.0.1:${await compose.portOf(replica, controlPort)}/__calls`);
        const { calls } = z.object({ calls: z.array(z.unknown()) }).parse(await answer.json());
        return { replica, isCalled: calls.length > 0 };
      }),
    );
    return asked.filter(({ isCalled }) => !isCalled).map(({ replica }) => replica);
  };
  await expect.poll(notCalled).toEqual([]);
});

test('with one replica of every service killed the gateway still answers, and answers are complete after their restart', async () => {
  const replicas = compose.services.filter(({ name }) => Object.keys(MOCKS).some((mock) => name === `${mock}-2`));
  await Promise.all(replicas.map(({ name }) => local.kill(name)));

  const pages: Awaited<ReturnType<typeof askForOrderPage>>[] = [];
  while (pages.length < 10) pages.push(await askForOrderPage(graphqlUrl));
  const codes = new Set(pages.flatMap(({ errors }) => errors.map(({ extensions }) => extensions.code)));
  expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([200]));
  expect([...codes].filter((code) => code !== 'SERVICE_UNAVAILABLE')).toEqual([]);
  // Every second call goes to the missing replica and is not retried, so the page may have errors.
  expect(pages.filter(({ orders }) => orders.length === 20).length).toBeGreaterThanOrEqual(5);

  await local.up(replicas);
  await expect.poll(async () => (await askForOrderPage(graphqlUrl)).errors).toEqual([]);
});
