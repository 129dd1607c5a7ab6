import type { Member } from '../member.ts';

/** As Envoy's slow start has it: with less, a small upstream would not be asked often enough to warm up at all. */
const LEAST = 0.1;

/**
 * The part of its weight that an endpoint has by now: from a tenth up to all of it, in a straight line.
 * Notes on the member when the time is over.
 */
export const warmth = (member: Member, slowStartMs: number, now: number): number => {
  if (member.warmingSince === null) return 1;
  const part = slowStartMs <= 0 ? 1 : (now - member.warmingSince) / slowStartMs;
  if (part < 1) return Math.max(LEAST, part);
  member.warmingSince = null;
  return 1;
};
