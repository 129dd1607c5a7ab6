import type { LayerDependencies } from '../events.ts';
import type { Outcome } from '../outcome.ts';
import type { Circuits } from './circuit.ts';
import { readableMs } from './describe-change.ts';
import { requestedPauseMs } from './open-state.ts';
import { OncePermit } from './permit.ts';

interface Pause {
  readonly since: number;
  readonly until: number;
}

const OVER = 'pause over';

/** Circuits that admit every call except during a pause that the endpoint requested. The longest pause applies. */
export const pausesOnly = ({ clock, report, overrides }: LayerDependencies, address: string): Circuits => {
  let pause: Pause | null = null;
  const current = (): Pause | null => (pause !== null && clock.now() < pause.until ? pause : null);
  const reportState = (to: 'open' | 'closed', reason: string) =>
    report({ is: 'circuit', address, route: null, to, reason });
  const close = (reason: string): void => {
    if (pause !== null) reportState('closed', reason);
    pause = null;
  };
  const onOutcome = (outcome: Outcome): void => {
    const ms = requestedPauseMs(outcome);
    if (ms === null) return;
    const now = clock.now();
    const running = current();
    if (running === null) close(OVER);
    if (running === null) reportState('open', `requested a pause of ${readableMs(ms)}`);
    pause = { since: running?.since ?? now, until: Math.max(running?.until ?? 0, now + ms) };
  };

  return {
    admission: () => {
      const held = overrides.circuit(address);
      if (held !== null) return held === 'open' ? 'dead' : 'admitted';
      return current() === null ? 'admitted' : 'paused';
    },
    isOpen: () => {
      const held = overrides.circuit(address);
      return held === null ? current() !== null : held === 'open';
    },
    openSince: () => current()?.since ?? null,
    begin: (route, caller) => {
      if (current() === null) close(OVER);
      return new OncePermit(onOutcome, null, 0, route, caller);
    },
    reset: close,
    snapshot: () => {
      const running = current();
      const opensForMs = running === null ? null : Math.ceil(running.until - clock.now());
      return [{ route: null, state: running === null ? 'closed' : 'open', failures: 0, opensForMs }];
    },
  };
};
