import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { manualClock } from '../../../../test/support/clock/manual-clock.ts';
import { LONG_WAIT } from '../../../../test/support/processes/long-wait.ts';
import type { UpstreamEvent } from '../../events.ts';
import { addressOf } from '../endpoint.ts';
import { fileSource } from './file-source.ts';
import { followSource } from './follow-source.ts';

const ONE = '["http://10.0.0.1:80"]';
const TWO = '["http://10.0.0.1:80","http://10.0.0.2:80"]';

/** Follows a file in a folder of its own. `prepare` makes the first content. */
const following = async (prepare: (folder: string) => Promise<void>, name = 'orders.json') => {
  const folder = await mkdtemp(join(tmpdir(), 'endpoints-'));
  await prepare(folder);
  const clock = manualClock();
  const lists: string[][] = [];
  const events: UpstreamEvent[] = [];
  const path = join(folder, name);
  const followed = followSource(fileSource({ by: 'file', path, protocol: 'rest', options: {} }, clock), {
    clock,
    report: (event) => events.push(event),
    onChange: (endpoints) => lists.push(endpoints.map(addressOf)),
  });
  await followed.ready;
  return {
    folder,
    path,
    clock,
    lists,
    followed,
    outcomes: () => events.flatMap((event) => (event.is === 'discovery' ? [event.outcome] : [])),
    /** Advances the clock until the condition holds, so that changes settle and polls run. */
    until: (condition: () => boolean) =>
      vi.waitUntil(() => {
        clock.advance(100);
        return condition();
      }, LONG_WAIT),
    [Symbol.asyncDispose]: async () => {
      followed.stop();
      await rm(folder, { recursive: true });
    },
  };
};

test('each look at an unchanged file confirms its list', async () => {
  await using under = await following((folder) => writeFile(join(folder, 'orders.json'), ONE));
  const { followed, lists, until } = under;
  const ageMs = () => followed.snapshot().answeredMsAgo ?? 0;
  for (let looks = 0; looks < 2; looks += 1) {
    await until(() => ageMs() > 3_000);
    await until(() => ageMs() < 3_000);
  }
  expect(lists).toHaveLength(1);
});

test('a file that is replaced atomically has a new list', async () => {
  await using under = await following((folder) => writeFile(join(folder, 'orders.json'), ONE));
  expect(under.lists).toEqual([['http://10.0.0.1']]);
  await writeFile(`${under.path}.new`, TWO);
  await rename(`${under.path}.new`, under.path);
  await under.until(() => under.lists.length > 1);
  expect(under.lists.at(-1)).toEqual(['http://10.0.0.1', 'http://10.0.0.2']);
});

test('a swapped link of a ConfigMap has a new list', async () => {
  await using under = await following(async (folder) => {
    for (const [version, content] of [['..1', ONE] as const, ['..2', TWO] as const]) {
      await mkdir(join(folder, version));
      await writeFile(join(folder, version, 'orders.json'), content);
    }
    await symlink('..1', join(folder, '..data'));
    await symlink('..data/orders.json', join(folder, 'orders.json'));
  });
  await symlink('..2', join(under.folder, '..data_tmp'));
  await rename(join(under.folder, '..data_tmp'), join(under.folder, '..data'));
  await under.until(() => under.lists.length > 1);
  expect(under.lists.at(-1)).toHaveLength(2);
});

test('a half-written file keeps the last list, with one event, and its rest is read', async () => {
  await using under = await following((folder) => writeFile(join(folder, 'orders.json'), ONE));
  await writeFile(under.path, TWO.slice(0, 10));
  await under.until(() => under.followed.snapshot().failure !== null);
  await writeFile(under.path, TWO.slice(0, 20));
  under.clock.advance(20_000);
  expect(under.followed.snapshot()).toMatchObject({ addresses: ['http://10.0.0.1'], failure: expect.any(String) });
  await writeFile(under.path, TWO);
  await under.until(() => under.lists.length > 1);
  expect(under.followed.snapshot()).toMatchObject({ failure: null });
  expect(under.outcomes().slice(0, 2)).toEqual(['changed', 'failed']);
  expect(under.outcomes().at(-1)).toBe('changed');
});

test('a removed file keeps the last list, and its return is a recovery', async () => {
  await using under = await following((folder) => writeFile(join(folder, 'orders.json'), ONE));
  await rename(under.path, `${under.path}.away`);
  await under.until(() => under.followed.snapshot().failure === 'ENOENT');
  expect(under.lists).toHaveLength(1);
  await rename(`${under.path}.away`, under.path);
  await under.until(() => under.followed.snapshot().failure === null);
  expect(under.outcomes()).toEqual(['changed', 'failed', 'recovered']);
});

test('a file in a folder that is created later is found by polling', async () => {
  await using under = await following(async () => {}, 'later/orders.json');
  expect(under.followed.snapshot().failure).toBe('ENOENT');
  await mkdir(join(under.folder, 'later'));
  await writeFile(under.path, ONE);
  await under.until(() => under.lists.length === 1);
});

test('a file of more than 1 MiB is rejected', async () => {
  await using under = await following((folder) => writeFile(join(folder, 'orders.json'), ' '.repeat(1_048_577)));
  expect(under.followed.snapshot().failure).toBe('the file has more than 1048576 bytes');
});

test('after the end nothing is read and no timer is left', async () => {
  const under = await following((folder) => writeFile(join(folder, 'orders.json'), ONE));
  under.followed.stop();
  await writeFile(under.path, TWO);
  under.clock.advance(60_000);
  expect(under.clock.pending).toBe(0);
  expect(under.lists).toHaveLength(1);
  await under[Symbol.asyncDispose]();
});
