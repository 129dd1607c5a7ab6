import type { Target } from './target.ts';

const TICK_MS = 1;
/** Maximum of requests in flight: each has a connection, and the descriptors of a process are bounded. */
const MAX_IN_FLIGHT = 4_000;

/**
 * Asks so many times a second whether or not it has answered (an open loop), on as many connections as that takes. Gives the time
 * that each answer took, in milliseconds, from when it was sent; those due in one millisecond are sent together. A request that
 * waits because too many are in flight counts from when it was due.
 */
export const pace = (
  target: Target,
  perSecond: number,
  forMs: number,
  maxInFlight = MAX_IN_FLIGHT,
): Promise<readonly number[]> =>
  new Promise((resolve) => {
    const times: number[] = [];
    const start = performance.now();
    // One at least, of a server that takes longer than that for one.
    const due = Math.max(1, Math.floor((perSecond * forMs) / 1_000));
    let sent = 0;
    let isHeld = false;
    const send = (): void => {
      const at = isHeld ? start + (sent * 1_000) / perSecond : performance.now();
      sent += 1;
      target.sendRequest(() => {
        times.push(performance.now() - at);
        if (times.length < due) return;
        target.trim();
        resolve(times);
      });
    };
    const tick = (): void => {
      const wanted = Math.min(due, Math.ceil(((performance.now() - start) * perSecond) / 1_000));
      while (sent < wanted && sent - times.length < maxInFlight) send();
      isHeld = sent < wanted;
      if (sent < due) setTimeout(tick, TICK_MS);
    };
    tick();
  });
