import type { z } from 'zod';
import { type Fix, group, required } from '../option-kinds.ts';

const countFix: Fix = (value) =>
  Number.isSafeInteger(value) && Number(value) >= 1 ? null : 'use a whole number of at least 1';

/** Longest period: 31 days. */
const MAX_SECONDS = 2_678_400;

const secondsFix: Fix = (value) =>
  countFix(value) === null && Number(value) <= MAX_SECONDS ? null : `use a whole number from 1 to ${MAX_SECONDS}`;

export const QUOTA = group({
  /** Calls that are sent in any period. Required. */
  calls: required<number>('calls: 5_000', countFix),
  /** Length of the period in seconds, 31 days at most. Required. */
  perSeconds: required<number>('perSeconds: 3_600', secondsFix),
});

/** A number of calls in a period. */
export interface QuotaOptions extends z.input<typeof QUOTA> {}
export interface QuotaSettings extends z.output<typeof QUOTA> {}
