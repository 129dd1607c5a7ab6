import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { type Cost, inRounds, median, ratioOf } from './rounds.ts';
import { grpcContenders, type Opened, type Ports, restContenders } from './stack.ts';

// Short rounds: whatever else the machine does lasts longer than one, and so meets both contenders.
const ROUNDS = 45;
const CALLS = 1_000;

interface Target {
  readonly open: (ports: Ports) => Opened;
  /** How many times the first contender's CPU the second one may cost. */
  readonly most: number;
}

const TARGETS: readonly Target[] = [
  { open: restContenders, most: 1.2 },
  { open: grpcContenders, most: 0.5 },
];

const backend = async () => {
  const child = fork(new URL('./backend.ts', import.meta.url), { stdio: 'inherit' });
  const [ports]: unknown[] = await once(child, 'message');
  return { ports: ports as Ports, stop: () => void child.disconnect() }; // what backend.ts sends
};

const shown = (value: number, digits: number): string => value.toFixed(digits).padStart(8);

const print = (costs: readonly Cost[], most: number): void => {
  const [bare, layers] = costs;
  if (bare === undefined || layers === undefined) return;
  for (const { name, rounds } of costs) console.log(`${name.padEnd(20)}${shown(median(rounds), 1)} µs of CPU a call`);
  const ratio = ratioOf(layers, bare);
  const verdict = ratio.median <= most ? 'kept' : 'missed';
  console.log(
    `${'ratio'.padEnd(20)}${shown(ratio.median, 2)}  (half of the rounds within ${ratio.low.toFixed(2)}-${ratio.high.toFixed(2)}), at most ${most}: ${verdict}\n`,
  );
};

console.log(
  `A read of 60 rows, ${ROUNDS} interleaved rounds of ${CALLS} calls, 16 at a time, backends in another process.`,
);
console.log(`Node ${process.versions.node}, ${cpus().length} cores of ${cpus()[0]?.model ?? 'an unknown kind'}.\n`);
const { ports, stop } = await backend();
try {
  for (const { open, most } of TARGETS) {
    const { contenders, close } = open(ports);
    print(await inRounds(contenders, { rounds: ROUNDS, calls: CALLS }), most);
    await close();
  }
  console.log(
    `${'memory'.padEnd(20)}${shown(process.memoryUsage.rss() / 1_048_576, 0)} MiB resident at the end, of this process`,
  );
} finally {
  stop();
}
