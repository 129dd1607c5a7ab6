/** Something whose cost is measured: one call, start to end. */
export interface Contender {
  readonly name: string;
  readonly call: (at: number) => Promise<unknown>;
}

export interface Cost {
  readonly name: string;
  /** CPU of this process for one call, in microseconds: of each round. */
  readonly rounds: readonly number[];
}

const IN_FLIGHT = 16;

const cpuOf = async (call: Contender['call'], calls: number): Promise<number> => {
  const before = process.cpuUsage();
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < calls; at = next++) await call(at);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
};

/** Measures all of them in turn, round after round, so that whatever else the machine does meets each alike. The first round warms up. */
export const inRounds = async (
  contenders: readonly Contender[],
  { rounds, calls }: { readonly rounds: number; readonly calls: number },
): Promise<readonly Cost[]> => {
  const costs = contenders.map(({ name }) => ({ name, rounds: [] as number[] }));
  for (let round = 0; round <= rounds; round += 1)
    for (const [index, { call }] of contenders.entries()) {
      const cost = await cpuOf(call, calls);
      if (round > 0) costs[index]?.rounds.push(cost);
    }
  return costs;
};

const sorted = (values: readonly number[]): readonly number[] => values.toSorted((one, other) => one - other);

export const median = (values: readonly number[]): number =>
  sorted(values)[Math.floor(values.length / 2)] ?? Number.NaN;

export interface Ratio {
  readonly median: number;
  /** The middle half of the rounds. */
  readonly low: number;
  readonly high: number;
}

/** What one costs beside another, by rounds of the same time. */
export const ratioOf = (one: Cost, other: Cost): Ratio => {
  const ratios = sorted(one.rounds.map((cost, round) => cost / (other.rounds[round] ?? Number.NaN)));
  const at = (share: number) => ratios[Math.min(Math.floor(share * ratios.length), ratios.length - 1)] ?? Number.NaN;
  return { median: median(ratios), low: at(0.25), high: at(0.75) };
};
