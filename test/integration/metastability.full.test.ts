import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { TrafficOptions } from '../../src/upstream/options.ts';
import { recoveryFrom, TRIGGERS } from '../support/upstream/metastability.ts';

/** The options that docs/traffic.md recommends. */
const RECOMMENDED: TrafficOptions = { limits: { adaptive: true }, circuit: { maxOpenMs: 3_000 } };

const rows = readFileSync(new URL('../../docs/traffic.md', import.meta.url), 'utf8').split('\n');

const percent = (share: number): string => `${Math.floor(share * 1_000) / 10} %`;
const seconds = ({ recoveredS }: { readonly recoveredS: number }): string =>
  recoveredS < 20 ? `${recoveredS} s` : 'never';

test.each(Object.entries(TRIGGERS))(
  'the upstream recovers within 5 s, with at most 1.1 attempts a call, from a %s',
  async (title, trigger) => {
    const recommended = await recoveryFrom(trigger, RECOMMENDED);
    expect(recommended.after).toBeGreaterThanOrEqual(0.99);
    expect(recommended.recoveredS).toBeLessThanOrEqual(5);
    expect(recommended.attempts).toBeLessThanOrEqual(1.1);

    const usual = await recoveryFrom(trigger);
    const cells = [
      title,
      percent(recommended.during),
      seconds(recommended),
      percent(recommended.after),
      recommended.attempts.toFixed(2),
      seconds(usual),
      usual.attempts.toFixed(2),
    ];
    expect(rows.find((row) => row.startsWith(`| ${title} |`))).toBe(`| ${cells.join(' | ')} |`);
  },
  120_000,
);
