/** Number of a level's endpoints, and of the usable ones. */
export interface LevelHealth {
  readonly size: number;
  readonly usable: number;
}

/** Share of the calls for a level. */
export interface Load {
  /** From 0 to 1. */
  readonly share: number;
  /** True if unhealthy endpoints are used too. */
  readonly panic: boolean;
}

export interface SpreadSettings {
  readonly overprovisioning: number;
  readonly panicThreshold: number;
}

/** 1, less the rounding error of a sum of shares. */
const FULL_CAPACITY = 1 - 1e-9;

const usableShare = ({ size, usable }: LevelHealth): number => (size === 0 ? 0 : usable / size);

/** Share of all calls that a level can carry. */
const capacity = (level: LevelHealth, overprovisioning: number): number =>
  Math.min(1, usableShare(level) * overprovisioning);

/** True if one level can carry all calls. The usual case, which needs no further calculation. */
export const carriesAll = (level: LevelHealth, overprovisioning: number): boolean =>
  level.size > 0 && capacity(level, overprovisioning) >= FULL_CAPACITY;

const filled = (capacities: readonly number[], total: number): readonly number[] => {
  let left = 1;
  return capacities.map((part) => {
    const share = total === 0 ? 0 : Math.min(left, part / total);
    left -= share;
    return share;
  });
};

/**
 * Spreads calls over levels, the most preferred first: Envoy's priority levels.
 *
 * The capacity of a level is the share of its usable endpoints times `overprovisioning`, at most 1. Each level takes as
 * much as it can, and the next one the rest. If all levels together cannot carry all calls, each is loaded in
 * proportion to its capacity, and levels with a usable share below the threshold panic. With every level in panic,
 * calls are spread by the number of endpoints.
 */
export const spreadByPriority = (
  levels: readonly LevelHealth[],
  { overprovisioning, panicThreshold }: SpreadSettings,
): readonly Load[] => {
  const capacities = levels.map((level) => capacity(level, overprovisioning));
  const total = Math.min(
    1,
    capacities.reduce((sum, part) => sum + part, 0),
  );
  const shares = filled(capacities, total);
  if (total >= FULL_CAPACITY) return shares.map((share) => ({ share, panic: false }));
  const panics = levels.map((level) => usableShare(level) < panicThreshold);
  const endpoints = levels.reduce((sum, { size }) => sum + size, 0);
  if (endpoints > 0 && panics.every(Boolean))
    return levels.map(({ size }) => ({ share: size / endpoints, panic: true }));
  return shares.map((share, index) => ({ share, panic: panics[index] === true }));
};
