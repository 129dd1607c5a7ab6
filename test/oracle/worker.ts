import { casesOf, type Range } from './cases.ts';
import { keepRejections } from './rejections.ts';
import { addCase, emptyTally } from './tally.ts';

/** Task of a worker, as its command-line argument. */
export interface Work extends Range {
  /** True if the first difference ends the worker. */
  readonly untilFirst: boolean;
}

const work: Work = JSON.parse(process.argv[2] ?? '{}');
keepRejections();
// graphql-tools logs a warning for most random modules.
console.warn = () => {};

const tally = emptyTally();
for await (const ran of casesOf(work, tally.thrown)) {
  addCase(tally, ran);
  if (work.untilFirst && tally.failed > 0) break;
}
process.send?.(tally);
process.disconnect?.();
