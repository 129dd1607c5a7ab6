import { fixedWindow } from './fixed-window.ts';
import type { Meter } from './meter.ts';
import type { RateAlgorithm } from './rate.ts';
import { slidingWindow } from './sliding-window.ts';
import { tokenBucket } from './token-bucket.ts';

export const METERS: Readonly<Record<RateAlgorithm, Meter>> = {
  'token-bucket': tokenBucket,
  'sliding-window': slidingWindow,
  'fixed-window': fixedWindow,
};
