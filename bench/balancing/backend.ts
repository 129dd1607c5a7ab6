/** A backend process for bench/balancing/main.ts: `node backend.ts <seed>`. Sends its port to the parent. */
import { createServer, type ServerResponse } from 'node:http';
import { seeded } from '../../test/support/random/seeded.ts';
import { LatencyByLoad } from '../../test/support/upstream/latency-by-load.ts';
import { CHANGE_MS, PROBE_PATH, SERVICE_MS, SLOTS } from './rig.ts';

interface Waiting {
  readonly at: number;
  /** Calls in flight at its arrival. */
  readonly load: number;
  readonly response: ServerResponse;
}

const seed = Number(process.argv[2]);
const random = seeded(seed);
/** A random stream of their own, so that every policy has the same antagonists. */
const antagonists = seeded(seed + 1_000);
const latencies = new LatencyByLoad();
const queue: Waiting[] = [];
let running = 0;
/** Calls that run at one time. Antagonists take the rest: processes of their own would slow all backends alike here. */
let slots = SLOTS;

const inFlight = (): number => running + queue.length;

const answer = (response: ServerResponse): void => {
  const load = inFlight();
  response.setHeader(
    'endpoint-load-metrics',
    `TEXT named_metrics.rif=${load},named_metrics.latency_ms=${latencies.at(load)}`,
  );
  response.end('{}');
};

const startNext = (): void => {
  while (running < slots) {
    const call = queue.shift();
    if (call === undefined) return;
    running += 1;
    setTimeout(
      () => {
        running -= 1;
        latencies.add(call.load, performance.now() - call.at);
        answer(call.response);
        startNext();
      },
      -SERVICE_MS * Math.log(1 - random()),
    );
  }
};

const change = (): void => {
  slots = 1 + Math.floor(SLOTS * antagonists());
  startNext();
  setTimeout(change, -CHANGE_MS * Math.log(1 - antagonists()));
};

const server = createServer(({ url }, response) => {
  if (url === PROBE_PATH) return answer(response);
  queue.push({ at: performance.now(), load: inFlight(), response });
  startNext();
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') process.send?.(address.port);
  change();
});
process.on('disconnect', () => process.exit());
