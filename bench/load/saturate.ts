import type { Target } from './target.ts';

/** Requests in flight at any time where a workload does not say otherwise: enough to keep one core busy. */
const IN_FLIGHT = 32;

export interface Saturation {
  readonly answers: number;
  readonly seconds: number;
}

/** Asks as fast as it answers, for so long, with so many in flight; resolves once the last has its answer. */
export const saturate = (target: Target, forMs: number): Promise<Saturation> =>
  new Promise((resolve) => {
    const start = performance.now();
    let answers = 0;
    let inFlight = target.workload.inFlight ?? IN_FLIGHT;
    const answered = (): void => {
      answers += 1;
      const elapsed = performance.now() - start;
      if (elapsed < forMs) {
        target.sendRequest(answered);
        return;
      }
      inFlight -= 1;
      if (inFlight === 0) resolve({ answers, seconds: elapsed / 1_000 });
    };
    for (let at = inFlight; at > 0; at -= 1) target.sendRequest(answered);
  });
