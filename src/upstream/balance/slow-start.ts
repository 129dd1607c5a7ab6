import type { Member } from '../endpoints/member.ts';

/** Envoy's minimum. With less, an endpoint of a small upstream would receive too few calls to warm up. */
const MIN_FACTOR = 0.1;

/**
 * Share of its weight that an endpoint has in its slow start: grows linearly from 0.1 to 1. Clears `warmingSince` at
 * the end.
 */
export const slowStartFactor = (member: Member, slowStartMs: number, now: number): number => {
  if (member.warmingSince === null) return 1;
  const part = slowStartMs <= 0 ? 1 : (now - member.warmingSince) / slowStartMs;
  if (part < 1) return Math.max(MIN_FACTOR, part);
  member.warmingSince = null;
  return 1;
};
