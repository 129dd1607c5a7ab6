/**
 * `npm run bench`: OrderPage against hand-written code and its rivals, in some sixteen minutes. `npm run bench:full`: every
 * workload, every peer. They write RESULTS.md and RESULTS-full.md. `--rounds=<n>`, `--seconds=<n>` of each slice of one,
 * `--warm=<n>` seconds of CPU of each server before the first one, and `--requests=<n>` for memory make a run shorter or longer.
 * `npm run bench -- --compare=<commit or folder>`: OrderPage in this checkout and in another one, by CPU or, with
 * `--latency`, by p99. With `--limits`, this checkout has rules of every kind.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withBench } from './bench.ts';
import { compareWith } from './compare/compare.ts';
import { cpu, latency } from './compare/quantities.ts';
import { tributary } from './harness/contenders.ts';
import { whyNotHere } from './harness/cores.ts';
import { withLimits } from './harness/variants.ts';
import { installPeers } from './install.ts';
import { full, quick } from './programme.ts';
import { circumstances } from './report/versions.ts';

const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    compare: { type: 'string' },
    latency: { type: 'boolean', default: false },
    limits: { type: 'boolean', default: false },
    workload: { type: 'string', default: 'order-page' },
    launches: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '12' },
    seconds: { type: 'string', default: '1.25' },
    warm: { type: 'string', default: '10' },
    requests: { type: 'string', default: '200000' },
  },
});

const plan = {
  rounds: Number(values.rounds),
  sliceMs: Number(values.seconds) * 1_000,
  warmUpMs: Number(values.warm) * 1_000,
  latencyMs: 4_000,
  memoryRequests: Number(values.requests),
};

const run = async (): Promise<void> => {
  installPeers();
  const parts: string[] = [];
  const report = (part: string): void => {
    parts.push(part);
    console.log(`${part}\n`);
  };
  report(`# ${values.full ? 'npm run bench:full' : 'npm run bench'}\n\n${circumstances()}`);
  await withBench((bench) => (values.full ? full : quick)(bench, plan, report));
  const file = values.full ? 'RESULTS-full.md' : 'RESULTS.md';
  writeFileSync(join(import.meta.dirname, file), `${parts.join('\n\n')}\n`);
  console.log(`Written to bench/${file}.`);
};

const obstacle = whyNotHere(cpus().length);
if (obstacle === null)
  await (values.compare === undefined
    ? run()
    : compareWith(values.compare, values.workload, {
        quantity: values.latency ? latency : cpu,
        ours: values.limits ? withLimits(tributary) : tributary,
        launches: Number(values.launches),
        rounds: plan.rounds,
      }));
else {
  console.error(obstacle);
  process.exitCode = 1;
}
