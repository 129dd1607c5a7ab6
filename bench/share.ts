/**
 * `node bench/share.ts [--in=<folder>] <pattern>...`: shares of the CPU of an OrderPage in the source files that match
 * each pattern, the native functions called by them included; by default in this checkout.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { withBench } from './bench.ts';
import { gatewayIn } from './harness/contenders.ts';
import { type Frame, shares } from './profile/attribution.ts';
import { profileOf } from './profile/cpu-profile.ts';
import { orderPage } from './workloads/order-page.ts';

const { values, positionals } = parseArgs({
  options: { in: { type: 'string', default: '.' } },
  allowPositionals: true,
});

const REST = 'everything else';

/** Native functions have no file and count for their caller. */
const patternOf = ({ functionName, url }: Frame): string | null => {
  if (url === '') return functionName.startsWith('(') ? REST : null;
  return positionals.find((pattern) => new RegExp(pattern).test(url)) ?? REST;
};

await withBench(async (bench) => {
  const gateway = gatewayIn(resolve(values.in), 'gateway', values.in);
  const plan = { warmUpMs: 10_000, measureMs: 8_000 };
  const { profile, moments } = await profileOf(gateway, orderPage, bench, plan);
  const found = shares(profile, moments, patternOf, REST);
  for (const pattern of positionals) console.log(`${((found.get(pattern) ?? 0) * 100).toFixed(2)} %  ${pattern}`);
});
