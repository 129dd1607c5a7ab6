import fc from 'fast-check';
import { expect, test } from 'vitest';
import { manualClock } from '../../test/support/manual-clock.ts';
import { SharedTimer } from './shared-timer.ts';

test('each wait ends at its own time and in its order on one timer, whatever is added and cancelled', () => {
  const step = fc.record({ ms: fc.nat(20), cancels: fc.option(fc.nat(10)), after: fc.nat(5) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const clock = manualClock();
      const timer = new SharedTimer(clock);
      const rung: { readonly at: number; readonly now: number }[] = [];
      const waits = steps.map(({ ms, cancels, after }, index) => {
        const at = clock.now() + ms;
        const state = { at, cancelled: false };
        const wait = timer.at(at, clock.now(), () => rung.push({ at, now: clock.now() }));
        clock.advance(after);
        return { state, wait, cancels, index };
      });
      const expected = waits.length;
      for (const { cancels } of waits)
        if (cancels !== null) {
          const other = waits[cancels];
          if (other !== undefined && other.state.at > clock.now()) other.state.cancelled = true;
          if (other !== undefined) timer.cancel(other.wait);
        }
      expect(clock.pending).toBe(waits.some(({ state }) => !state.cancelled && state.at > clock.now()) ? 1 : 0);
      clock.advance(100);
      expect(rung).toHaveLength(expected - waits.filter(({ state }) => state.cancelled).length);
      for (const { at, now } of rung) expect(now).toBe(at);
      expect(clock.pending).toBe(0);
    }),
  );
});

test('a callback may cancel a wait of the same moment and add another', () => {
  const clock = manualClock();
  const timer = new SharedTimer(clock);
  const rung: string[] = [];
  timer.at(10, 0, () => {
    rung.push('first');
    timer.cancel(second);
    timer.at(15, 10, () => rung.push('begun'));
  });
  const second = timer.at(10, 0, () => rung.push('second'));
  timer.at(Number.POSITIVE_INFINITY, 0, () => rung.push('never'));
  clock.advance(100);
  expect(rung).toEqual(['first', 'begun']);
});
