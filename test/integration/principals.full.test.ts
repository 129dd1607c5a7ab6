import { rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { runInCheckout } from '../support/principals/run-in-checkout.ts';
import { type Sabotage, sabotagedCheckoutIn } from '../support/principals/sabotage.ts';
import { emptyFolder } from '../support/processes/checkout.ts';
import { ROOT } from '../support/processes/processes.ts';

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
      code: 'const keyOf = ({ upstream, principalKey, subject, route, headers, message, subset }: Call): string => {',
      instead:
        'const keyOf = ({ upstream, subject, route, message, subset }: Call): string => { const principalKey = ""; const headers: Record<string, string> = {};',
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

test.each(SABOTAGES)('without %s the run detects data of other callers', async (_removed, sabotage) => {
  const folder = emptyFolder();
  onTestFinished(() => rmSync(folder, { recursive: true }));
  sabotagedCheckoutIn(folder, sabotage);
  const { code, summary } = await runInCheckout(folder, 150);
  expect(summary.marks.foreign).toBeGreaterThan(0);
  expect(code).toBe(1);
});

test('a thousand concurrent callers get no data of one another', async () => {
  const { code, summary } = await runInCheckout(ROOT, 1_000);
  expect(summary).toMatchObject({ failures: [], marks: { foreign: 0 } });
  expect(summary.marks.own).toBeGreaterThan(3_000);
  expect(summary.atOnce).toBeGreaterThanOrEqual(250);
  expect(code).toBe(0);
});
