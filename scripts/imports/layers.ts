/**
 * Folders and files of src, highest row first. A row may import the rows below it; within a row a name may import
 * itself only. `main` is src/main.ts and everything directly in src that has no row.
 */
export const LAYERS: readonly (readonly string[])[] = [
  ['main'],
  ['cli'],
  ['app'],
  ['http', 'testing'],
  ['graph'],
  ['execution'],
  ['backend'],
  ['upstream'],
  ['protobuf'],
  ['auth', 'cache', 'rate-limit'],
  ['request'],
  ['telemetry'],
  ['config'],
  ['core'],
];

const rowOf = (layer: string): number => LAYERS.findIndex((row) => row.includes(layer));

/** Layer of a path in src. */
export const layerOf = (path: string): string => {
  const [, name = '', ...inside] = path.split('/');
  if (inside.length > 0) return name;
  const file = name.replace(/(\.test)?\.[cm]?[jt]s$/, '');
  return rowOf(file) < 0 ? 'main' : file;
};

/** Reason for which a layer must not import another; null for an allowed import. */
export const whyNotBelow = (from: string, to: string): string | null => {
  const unknown = [from, to].find((layer) => rowOf(layer) < 0);
  if (unknown !== undefined) return `${unknown} has no row in scripts/imports/layers.ts`;
  if (from === to || rowOf(from) < rowOf(to)) return null;
  return rowOf(from) === rowOf(to) ? `${from} and ${to} are of one rank` : `${from} is below ${to}`;
};
