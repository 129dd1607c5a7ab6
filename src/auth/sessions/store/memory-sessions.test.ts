import { expect, test } from 'vitest';
import { manualClock } from '../../../../test/support/clock/manual-clock.ts';
import { memorySessions } from './memory-sessions.ts';

test('the lists of many sign-ins of one user evict no list of another user', async () => {
  const store = memorySessions(manualClock());
  await store.link('subject:a', 'session:a', 60_000, 100);
  for (let at = 0; at < 20_000; at += 1) await store.link(`sid:${at}`, `session:${at}`, 60_000, 100);
  expect(await store.members('subject:a')).toEqual(['session:a']);
});
