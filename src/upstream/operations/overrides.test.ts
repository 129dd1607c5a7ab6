import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { type Override, Overrides } from './overrides.ts';

const STOCK = 'inventory.stock';
const override = (action: Override['action'], changes: Partial<Override> = {}): Override => ({
  upstream: STOCK,
  action,
  reason: 'a test',
  expiresInMs: 1_000,
  ...changes,
});

test('an override applies to its upstream and endpoint only', () => {
  const overrides = new Overrides(manualClock());
  overrides.replace([
    override({ is: 'drain' }, { endpoint: 'grpc://a:1' }),
    override({ is: 'circuit', state: 'open' }, { endpoint: 'grpc://b:1' }),
    override({ is: 'timeout', ms: 50 }),
    override({ is: 'retries', on: false }),
    override({ is: 'hedging', on: false }),
  ]);
  const stock = overrides.activeFor(STOCK);
  expect([stock.drained('grpc://a:1'), stock.drained('grpc://b:1')]).toEqual([true, false]);
  expect([stock.circuit('grpc://a:1'), stock.circuit('grpc://b:1')]).toEqual([null, 'open']);
  expect([stock.timeoutMs(), stock.retries(), stock.hedging()]).toEqual([50, false, false]);
  const other = overrides.activeFor('orders.orders');
  expect([other.drained('grpc://a:1'), other.circuit('grpc://b:1')]).toEqual([false, null]);
  expect([other.timeoutMs(), other.retries(), other.hedging()]).toEqual([null, true, true]);
});

test('each override expires by itself and reports its remaining time', () => {
  const clock = manualClock();
  const overrides = new Overrides(clock);
  overrides.replace([override({ is: 'timeout', ms: 50 }), override({ is: 'drain' }, { expiresInMs: 3_000 })]);
  clock.advance(400);
  expect(overrides.list().map(({ expiresInMs }) => expiresInMs)).toEqual([600, 2_600]);
  clock.advance(600);
  expect(overrides.list(STOCK)).toEqual([override({ is: 'drain' }, { expiresInMs: 2_000 })]);
  expect(overrides.activeFor(STOCK).timeoutMs()).toBeNull();
  expect(overrides.activeFor(STOCK).drained('grpc://a:1')).toBe(true);
});

test('a new list replaces the old one', () => {
  const overrides = new Overrides(manualClock());
  const active = overrides.activeFor(STOCK);
  overrides.replace([override({ is: 'retries', on: false })]);
  expect(active.retries()).toBe(false);
  overrides.replace([]);
  expect(active.retries()).toBe(true);
});
