import type { Target } from './target.ts';

const IN_FLIGHT = 32;

/** Sends so many requests; resolves after the last answer. */
export const send = (target: Target, requests: number, inFlight = IN_FLIGHT): Promise<void> =>
  new Promise((resolve) => {
    let sent = 0;
    let answered = 0;
    const next = (): void => {
      if (sent === requests) return;
      sent += 1;
      target.sendRequest(() => {
        answered += 1;
        if (answered === requests) resolve();
        else next();
      });
    };
    for (let at = 0; at < inFlight; at += 1) next();
  });
