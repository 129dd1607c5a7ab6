/** Something whose cost is measured: one call, start to end. */
export interface Contender {
  readonly name: string;
  readonly call: (at: number) => Promise<unknown>;
}

/** Makes so many calls; what one of them cost, in microseconds of CPU. */
export type Round = (calls: number) => Promise<number>;

const IN_FLIGHT = 16;

/** The rounds of a contender that has this process to itself. */
export const roundsOf = ({ call }: Contender): Round => {
  let next = 0;
  return async (calls) => {
    const end = next + calls;
    const worker = async () => {
      for (let at = next++; at < end; at = next++) await call(at);
    };
    const before = process.cpuUsage();
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
    const { user, system } = process.cpuUsage(before);
    next = end;
    return (user + system) / calls;
  };
};

/**
 * Measures all of them in turn, round after round, so that whatever else the machine does meets each alike. Returns the rounds of
 * each. The first ones warm up, and are left out.
 */
export const inRounds = async (
  contenders: readonly Round[],
  { rounds, warmUps, calls }: { readonly rounds: number; readonly warmUps: number; readonly calls: number },
): Promise<readonly (readonly number[])[]> => {
  const costs = contenders.map((): number[] => []);
  for (let round = -warmUps; round < rounds; round += 1)
    for (const [index, measure] of contenders.entries()) {
      const cost = await measure(calls);
      if (round >= 0) costs[index]?.push(cost);
    }
  return costs;
};
