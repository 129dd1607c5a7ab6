import type { Permit } from '../circuits.ts';
import type { Verdict } from '../classify.ts';

/** A permit whose end is heard once. */
export const permit = (ended: (verdict: Verdict) => void): Permit => {
  let isOver = false;
  return {
    end: (verdict) => {
      if (isOver) return;
      isOver = true;
      ended(verdict);
    },
  };
};
