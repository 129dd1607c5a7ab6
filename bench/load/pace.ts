import type { Target } from './target.ts';

const TICK_MS = 1;

/**
 * Asks so many times a second whether or not it has answered (an open loop), on as many connections as that takes. Gives the time
 * that each answer took, in milliseconds, from when it was sent; those due in one millisecond are sent together.
 */
export const pace = (target: Target, perSecond: number, forMs: number): Promise<readonly number[]> =>
  new Promise((resolve) => {
    const times: number[] = [];
    const start = performance.now();
    // One at least, of a server that takes longer than that for one.
    const due = Math.max(1, Math.floor((perSecond * forMs) / 1_000));
    let sent = 0;
    const send = (): void => {
      const at = performance.now();
      sent += 1;
      target.sendRequest(() => {
        times.push(performance.now() - at);
        if (times.length === due) resolve(times);
      });
    };
    const tick = (): void => {
      const wanted = Math.min(due, Math.ceil(((performance.now() - start) * perSecond) / 1_000));
      while (sent < wanted) send();
      if (sent < due) setTimeout(tick, TICK_MS);
    };
    tick();
  });
