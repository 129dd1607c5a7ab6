/** How many of a level's endpoints may be used. */
export interface LevelHealth {
  readonly size: number;
  readonly usable: number;
}

/** What a level gets. */
export interface Load {
  /** Of all calls: 0 to 1. */
  readonly share: number;
  /** Whether its endpoints are used well or not. */
  readonly panic: boolean;
}

export interface SpreadSettings {
  readonly overprovisioning: number;
  readonly panicThreshold: number;
}

/** Sums of shares that should be 1. */
const ALMOST = 1 - 1e-9;

const usableShare = ({ size, usable }: LevelHealth): number => (size === 0 ? 0 : usable / size);

/** What a level can carry of all calls. */
const capacity = (level: LevelHealth, overprovisioning: number): number =>
  Math.min(1, usableShare(level) * overprovisioning);

/** Whether one level needs no other: the usual case, for which nothing has to be worked out. */
export const carriesAll = (level: LevelHealth, overprovisioning: number): boolean =>
  level.size > 0 && capacity(level, overprovisioning) >= ALMOST;

const filled = (capacities: readonly number[], total: number): readonly number[] => {
  let left = 1;
  return capacities.map((part) => {
    const share = total === 0 ? 0 : Math.min(left, part / total);
    left -= share;
    return share;
  });
};

/**
 * How calls are spread over levels, the most preferred first: Envoy's priority levels.
 *
 * A level carries the usable share of its endpoints times `overprovisioning`, at most everything; the next takes what is
 * left; where all of them together cannot carry everything, each is loaded in proportion. Only then is there panic, in
 * the levels whose usable share is below the threshold; with every level in panic calls are spread by the number of
 * endpoints, since which of them are well means nothing any more.
 */
export const spread = (
  levels: readonly LevelHealth[],
  { overprovisioning, panicThreshold }: SpreadSettings,
): readonly Load[] => {
  const capacities = levels.map((level) => capacity(level, overprovisioning));
  const total = Math.min(
    1,
    capacities.reduce((sum, part) => sum + part, 0),
  );
  const shares = filled(capacities, total);
  if (total >= ALMOST) return shares.map((share) => ({ share, panic: false }));
  const panics = levels.map((level) => usableShare(level) < panicThreshold);
  const endpoints = levels.reduce((sum, { size }) => sum + size, 0);
  if (endpoints > 0 && panics.every(Boolean))
    return levels.map(({ size }) => ({ share: size / endpoints, panic: true }));
  return shares.map((share, index) => ({ share, panic: panics[index] === true }));
};
