/**
 * Many callers, each with a token of its own, query one gateway at the same time; its backends mark every record with
 * the subject that they serve it to. Exits with 1 if an answer carries another caller's mark, or if a mechanism that
 * could mix up callers was not used.
 *
 * node test/support/principals/run.ts [--callers 1000] [--seed <number>]
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { type Backends, startBackends } from './backends.ts';
import { askAs, type Caller, sharedDocuments, type Tally } from './caller.ts';
import { startWatchedGateway, type WatchedGateway } from './gateway.ts';
import { MODULES } from './modules.ts';
import { randomFrom } from './random.ts';
import { type Summary, summaryOf } from './summary.ts';

const CONNECTIONS = 300;
/** In addition to the callers with tokens, one anonymous caller for this many. */
const ANONYMOUS_SHARE = 20;
const MAX_RUN_MS = 280_000;

const callersOf = async (count: number, backends: Backends): Promise<readonly Caller[]> => {
  const subjects = Array.from({ length: count }, (_, at) => `c${at + 1}`);
  const known = await Promise.all(
    subjects.map(async (subject) => ({ subject, authorization: await backends.authorizationOf(subject) })),
  );
  const nobody = { subject: null, authorization: null };
  return known.flatMap((caller, at) => (at % ANONYMOUS_SHARE === 0 ? [caller, nobody] : [caller]));
};

const GRAPHQL = { method: 'POST', path: '/graphql', headers: { 'content-type': 'application/json' } } as const;

/** Opens every connection, and the gateway's to its gRPC backend, before the load: under load that takes long. */
const openAll = async (pool: Pool): Promise<void> => {
  const open = async () => (await pool.request({ method: 'GET', path: '/livez' })).body.dump();
  await Promise.all(Array.from({ length: CONNECTIONS }, open));
  const query = '{ lowStock(first: 1) { stock { available } } }';
  await (await pool.request({ ...GRAPHQL, body: JSON.stringify({ query }) })).body.dump();
};

const askAll = async (callers: readonly Caller[], { origin, schema }: WatchedGateway, seed: number): Promise<Tally> => {
  const pool = new Pool(origin, { connections: CONNECTIONS, headersTimeout: 120_000, bodyTimeout: 120_000 });
  await openAll(pool);
  const tally: Tally = { answers: 0, own: 0, shared: 0, foreign: [], unexpected: [] };
  const documents = sharedDocuments(schema, randomFrom(seed));
  // Each caller has its own random numbers, so that the queries do not depend on timing.
  await Promise.all(
    callers.map((caller, at) => askAs(caller, { pool, schema, documents, tally, random: randomFrom(seed + at + 1) })),
  );
  await pool.close();
  return tally;
};

const run = async (count: number, seed: number): Promise<Summary> => {
  const startedAt = performance.now();
  const backends = await startBackends(MODULES, count);
  const gateway = await startWatchedGateway(MODULES, backends.env);
  try {
    const callers = await callersOf(count, backends);
    const tally = await askAll(callers, gateway, seed);
    const received = await backends.received();
    const ms = Math.round(performance.now() - startedAt);
    return summaryOf({ seed, callers: callers.length, connections: CONNECTIONS, ms, tally, gateway, received });
  } finally {
    await gateway.close();
    await backends.close();
  }
};

const { values } = parseArgs({ options: { callers: { type: 'string' }, seed: { type: 'string' } } });
const overdue = setTimeout(() => {
  console.error(`The run took longer than ${MAX_RUN_MS} ms.`);
  process.exit(1);
}, MAX_RUN_MS);
const summary = await run(Number(values.callers ?? 1_000), Number(values.seed ?? randomInt(2 ** 31)));
clearTimeout(overdue);
console.log(JSON.stringify(summary, null, 2));
process.exitCode = summary.failures.length === 0 ? 0 : 1;
