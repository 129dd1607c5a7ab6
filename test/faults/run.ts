// Tests the promises about faults behind the gateway against real processes behind fault proxies: `node
// test/faults/run.ts [--only id,id] [--protocol rest|grpc] [--seed n] [--quick]`
import { parseArgs } from 'node:util';
import { putToTheTest } from './bench.ts';
import { PROMISES } from './promises/all.ts';
import type { Finding } from './promises/promise.ts';
import { PROTOCOLS, type ProtocolName } from './protocols.ts';
import { type Row, table } from './table.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    protocol: { type: 'string' },
    seed: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});

// An exit ends the backends, suspended ones included.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9));
const only = values.only?.split(',');
const promises = PROMISES.filter(({ id }) => only?.includes(id) ?? true);
const protocols = PROTOCOLS.filter((name) => name === (values.protocol ?? name));
if (promises.length === 0 || protocols.length === 0)
  throw new Error(`Known: ${PROMISES.map(({ id }) => id).join(', ')}`);

console.log(`Seed ${seed}. ${promises.length} promises over ${protocols.join(' and ')}.`);
const began = performance.now();
const rows: Row[] = [];
/** One run of all takes 17 minutes; the limit is 19. */
const repeats = { leftMs: 90_000 };

for (const promise of promises) {
  const since = performance.now();
  const cells = new Map<ProtocolName, Finding>();
  for (const protocol of protocols) {
    const finding = await putToTheTest(promise, { protocol, seed, scale: values.quick ? 'quick' : 'full', repeats });
    console.log(`${promise.id} over ${protocol}: ${finding.verdict}: ${finding.figure}`);
    cells.set(protocol, finding);
  }
  rows.push({ promise, cells, seconds: (performance.now() - since) / 1_000 });
}

console.log(`\n${table(rows, protocols)}`);
const findings = rows.flatMap(({ cells }) => [...cells.values()]);
const broken = findings.filter(({ verdict }) => verdict === 'broken').length;
const empty = rows.length * protocols.length - findings.length;
const seconds = Math.round((performance.now() - began) / 1_000);
console.log(`\n${findings.length} cells, ${broken} broken, ${empty} empty; ${seconds} s; seed ${seed}.`);
process.exit(broken + empty === 0 ? 0 : 1);
