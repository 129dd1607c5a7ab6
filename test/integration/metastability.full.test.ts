import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { TrafficOptions } from '../../src/upstream/options.ts';
import { recoveryFrom, TRIGGERS } from '../support/upstream/metastability.ts';

/** The options that docs/traffic.md recommends. */
const RECOMMENDED: TrafficOptions = { limits: { adaptive: true }, circuit: { maxOpenMs: 3_000 } };

test.each(Object.entries(TRIGGERS))(
  'the upstream recovers within 5 s, with at most 1.1 attempts a call, from a %s',
  async (_title, trigger) => {
    const { after, recoveredS, attempts } = await recoveryFrom(trigger, RECOMMENDED);
    expect(after).toBeGreaterThanOrEqual(0.99);
    expect(recoveredS).toBeLessThanOrEqual(5);
    expect(attempts).toBeLessThanOrEqual(1.1);
  },
  120_000,
);

test('with the defaults, a cold cache keeps the backend overloaded', async () => {
  const trigger = TRIGGERS['cold cache: 1.5 times the capacity until it is filled'];
  expect((await recoveryFrom(trigger ?? {})).after).toBeLessThan(0.9);
}, 120_000);

test('the table of the guide has a row for each trigger', () => {
  const page = readFileSync(new URL('../../docs/traffic.md', import.meta.url), 'utf8');
  for (const title of Object.keys(TRIGGERS)) expect(page.includes(`\n| ${title} |`)).toBe(true);
});
