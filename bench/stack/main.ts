/** Measures all layers of the upstream stack against a bare client, and sends the costs to its parent. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Endpoints } from '../backends/messages.ts';
import { startBackends } from '../harness/backends.ts';
import { bootstrap, median, ratios } from '../harness/statistics.ts';
import type { StackCost } from './cost.ts';
import { inRounds, type Round } from './rounds.ts';
import type { Which } from './stack.ts';

// Short rounds: whatever else the machine does lasts longer than one, and so meets both contenders.
const ROUNDS = 45;
const WARM_UPS = 4;
const CALLS = 1_000;

const started = async (file: string, ...args: string[]): Promise<readonly [ChildProcess, unknown]> => {
  const child = fork(new URL(file, import.meta.url), args, { stdio: 'inherit' });
  const [said]: unknown[] = await once(child, 'message');
  return [child, said];
};

const roundIn =
  (child: ChildProcess): Round =>
  async (calls) => {
    child.send(calls);
    const [cost]: unknown[] = await once(child, 'message');
    return Number(cost);
  };

const costOf = async (protocol: Which['protocol'], endpoints: Endpoints): Promise<StackCost> => {
  const side = (through: Which['through']) => started('./side.ts', JSON.stringify([{ protocol, through }, endpoints]));
  const [bare, bareName] = await side('client');
  const [layers, layersName] = await side('layers');
  const plan = { rounds: ROUNDS, warmUps: WARM_UPS, calls: CALLS };
  const [bareCosts = [], layersCosts = []] = await inRounds([roundIn(bare), roundIn(layers)], plan);
  bare.disconnect();
  layers.disconnect();
  return {
    bare: { name: String(bareName), cpuUs: median(bareCosts) },
    layers: { name: String(layersName), cpuUs: median(layersCosts) },
    ratio: bootstrap(ratios(layersCosts, bareCosts)),
  };
};

const backends = await startBackends({ pinned: false });
const costs: StackCost[] = [];
for (const protocol of ['rest', 'grpc'] as const) costs.push(await costOf(protocol, backends.endpoints));
process.send?.(costs);
backends.stop();
