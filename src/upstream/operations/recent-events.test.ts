import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { Recent } from './recent-events.ts';

test('changes are kept, the latest first; frequent events are counted', () => {
  const clock = manualClock();
  const recent = new Recent(clock);
  const route = 'GET /things';
  recent.report({ is: 'attempt', route, address: 'http://a', outcome: 'ok', failed: false, ms: 1 });
  recent.report({ is: 'attempt', route, address: 'http://a', outcome: 'TIMEOUT', failed: true, ms: 1 });
  recent.report({ is: 'retry', route, reason: 'TIMEOUT' });
  recent.report({ is: 'hedge', route, won: false });
  recent.report({ is: 'refusal', route, reason: 'pending' });
  recent.report({ is: 'attempt', route, address: 'http://a', outcome: 'NOT_FOUND', failed: false, ms: 1 });
  recent.report({ is: 'circuit', address: 'http://a', route: null, to: 'open', reason: '5 failures in a row' });
  clock.advance(100);
  recent.report({ is: 'endpoint', address: 'http://b', to: 'added', reason: 'a resolved anew' });
  expect(recent.tally()).toEqual({ attempts: 3, failedAttempts: 1, retries: 1, hedges: 1, refusals: 1 });
  expect(recent.events().map(({ is, msAgo }) => [is, msAgo])).toEqual([
    ['endpoint', 0],
    ['circuit', 100],
  ]);
});

test('at most the latest fifty changes are kept', () => {
  const recent = new Recent(manualClock());
  for (let at = 0; at < 1_000; at += 1)
    recent.report({ is: 'endpoint', address: `http://a:${at}`, to: 'added', reason: 'x' });
  expect(recent.events().length).toBe(50);
  expect(recent.events()[0]).toMatchObject({ address: 'http://a:999' });
});
