import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { emptyFolder } from '../support/checkout.ts';
import { type Sabotage, sabotagedCheckoutIn } from '../support/principals/sabotage.ts';
import { Summary } from '../support/principals/summary.ts';
import { ROOT, startProcess } from '../support/processes.ts';

const SEED = process.env.PRINCIPALS_SEED;
/** Time limit in milliseconds. An idle machine needs a fraction of it. */
const TIME_LIMIT_MS = 300_000;

interface Ended {
  readonly code: number | null;
  readonly summary: Summary;
}

/**
 * Runs the scenario in a checkout: real mocks, issuer and listener, with this number of concurrent callers with tokens.
 */
const runIn = async (root: string, callers: number): Promise<Ended> => {
  const seeded = SEED === undefined ? [] : ['--seed', SEED];
  const program = join(root, 'test/support/principals/run.ts');
  const running = startProcess(process.execPath, [program, '--callers', String(callers), ...seeded], { cwd: root });
  onTestFinished(async () => {
    await running.stop();
  });
  const { code } = await running.ended;
  const [text] = /^\{\n.*^\}$/ms.exec(running.output()) ?? [];
  if (text === undefined) throw new Error(`The run ended with ${code} and without a summary:\n${running.output()}`);
  const summary = Summary.parse(JSON.parse(text));
  console.log(`PRINCIPALS_SEED=${summary.seed} repeats this: ${JSON.stringify(summary)}`);
  return { code, summary };
};

test('a thousand concurrent callers get no data of one another', {
  timeout: TIME_LIMIT_MS,
}, async () => {
  const { code, summary } = await runIn(ROOT, 1_000);
  expect(summary).toMatchObject({ failures: [], marks: { foreign: 0 } });
  expect(summary.marks.own).toBeGreaterThan(3_000);
  expect(summary.atOnce).toBeGreaterThanOrEqual(250);
  expect(code).toBe(0);
});

/**
 * The code that isolates callers in each of the four caches, and the sources without it. Entity cache and single flight
 * identify a caller by principal and by forwarded token; either is enough here, so both are removed.
 */
const SABOTAGES: readonly [removed: string, sabotage: Sabotage][] = [
  [
    'the operation cache’s exclusion of private operations',
    {
      file: 'src/graph/apollo/operation-cache.ts',
      code: 'policy.maxAge <= 0 || policy.isPrivate ||',
      instead: 'policy.maxAge <= 0 ||',
    },
  ],
  [
    'principal and token in the keys of the entity cache',
    {
      file: 'src/backend/bind/entity-cache.ts',
      code: 'JSON.stringify([audience, module.name,',
      instead: 'JSON.stringify([module.name,',
    },
  ],
  [
    'principal and token in the keys of single flight',
    {
      file: 'src/upstream/single-flight/layer.ts',
      code: `const principalOf = ({ principalKey }: Call): string => principalKey;
const separatesCalls = (header: string): boolean => !IGNORED_HEADERS.has(header);`,
      instead: `const principalOf = (_: Call): string => '';
const separatesCalls = (_: string): boolean => false;`,
    },
  ],
  [
    'separate loaders for each request',
    {
      file: 'src/backend/bind/bind.ts',
      code: 'loaders[name] = new BoundLoader(loading, entities, scheduler);',
      instead:
        'loaders[name] = Object(module)["one for all: " + name] ??= new BoundLoader(loading, entities, scheduler);',
    },
  ],
];

test.each(SABOTAGES)(
  'without %s the run detects data of other callers',
  { timeout: TIME_LIMIT_MS },
  async (_removed, sabotage) => {
    const folder = emptyFolder();
    onTestFinished(() => rmSync(folder, { recursive: true }));
    sabotagedCheckoutIn(folder, sabotage);
    const { code, summary } = await runIn(folder, 150);
    expect(summary.marks.foreign).toBeGreaterThan(0);
    expect(code).toBe(1);
  },
);
