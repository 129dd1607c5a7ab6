/**
 * `node scripts/launch.js bench/attack-documents.ts`: the time until the gateway refuses each of the documents of attack tools, with its
 * code. Exits with 1 for another code, and for a median above 50 ms.
 */
import { ATTACK_DOCUMENTS, type AttackDocument } from './attacks/attack-documents.ts';
import { attackedGateway } from './attacks/attacked-gateway.ts';
import { median } from './harness/statistics.ts';
import { table } from './report/table.ts';

const ROUNDS = 15;
/** Bound of the CPU time until a refusal: that of other processes is not part of it. */
const MOST_CPU_MS = 50;

const gateway = await attackedGateway();

const codeIn = (text: string): string | null => {
  const { errors = [] } = JSON.parse(text);
  return errors[0]?.extensions.code ?? null;
};

/** Sends a document repeatedly, each time with another comment: nothing of it is in a cache. */
const measured = async ({ name, query, variables, code }: AttackDocument) => {
  const ms: number[] = [];
  let found: string | null = null;
  const before = process.threadCpuUsage();
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    const { text } = await gateway.send({ query: `#${Math.random()}\n${query}`, variables });
    ms.push(performance.now() - start);
    found = codeIn(text);
  }
  const { user, system } = process.threadCpuUsage(before);
  return { name, code, found, medianMs: median(ms), maxMs: Math.max(...ms), cpuMs: (user + system) / 1_000 / ROUNDS };
};

// The code is compiled before it is measured.
for (const document of ATTACK_DOCUMENTS) await measured(document);
const rows: Awaited<ReturnType<typeof measured>>[] = [];
for (const document of ATTACK_DOCUMENTS) rows.push(await measured(document));
await gateway.close();

const lines = rows.map(({ name, found, medianMs, maxMs, cpuMs }) => [
  ...[name, found ?? 'executed'],
  ...[medianMs, maxMs, cpuMs].map((ms) => ms.toFixed(1)),
]);
console.log(table(['document', 'code', 'median ms', 'maximum ms', 'CPU ms'], lines));

const wrong = rows.filter(({ code, found }) => code !== found).map(({ name, code }) => `${name}: expected ${code}`);
const slow = rows
  .filter(({ found, cpuMs }) => found !== null && cpuMs > MOST_CPU_MS)
  .map(({ name }) => `${name}: more than ${MOST_CPU_MS} ms of CPU until the refusal`);
for (const problem of [...wrong, ...slow]) console.error(problem);
process.exitCode = wrong.length + slow.length === 0 ? 0 : 1;
