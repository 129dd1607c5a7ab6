/** Features of operations that must occur often enough in a run. */
export const FEATURES = [
  'merged type',
  'two hops',
  'needed object',
  'list of lists',
  'interface',
  'union',
  'enum',
  'custom scalar',
  'bubbling through a list',
  'alias with another selection',
  'nested fragment',
  '@skip/@include by variable',
  'default argument',
  'serial mutation',
  '__typename',
  'error object in a list',
  'guarded field',
  'root below the root',
  'refused variable',
  'refused argument',
  'reference to an own entity',
  'entity with several keys',
  'shareable field',
] as const;

export type Feature = (typeof FEATURES)[number];
