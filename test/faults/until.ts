import { setTimeout as sleep } from 'node:timers/promises';

const EVERY_MS = 20;

/** Resolves once `holds` returns true, or after this time. Returns the milliseconds that this took. */
export const until = async (holds: () => boolean | Promise<boolean>, maxMs: number): Promise<number> => {
  const since = performance.now();
  while (!(await holds()) && performance.now() - since < maxMs) await sleep(EVERY_MS);
  return performance.now() - since;
};
