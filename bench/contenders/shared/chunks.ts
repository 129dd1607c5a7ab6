/** Most ids in one call: as the gateway's own modules have it. */
export const MOST = { customers: 500, products: 1_500, stocks: 1_500 } as const;

/** One call for a list that fits, several at a time for a longer one. */
export const inChunks = async <Row>(
  ids: readonly string[],
  most: number,
  call: (ids: readonly string[]) => Promise<readonly Row[]>,
): Promise<readonly Row[]> => {
  if (ids.length <= most) return call(ids);
  const chunks = Array.from({ length: Math.ceil(ids.length / most) }, (_, at) => ids.slice(at * most, (at + 1) * most));
  return (await Promise.all(chunks.map(call))).flat();
};
