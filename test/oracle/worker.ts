import { casesOf, type Range } from './cases.ts';
import { keepRejections } from './rejections.ts';
import { addCase, emptyTally } from './tally.ts';

/** What a worker is told to do, as the argument of its command line. */
export interface Work extends Range {
  /** Whether the first difference ends it. */
  readonly untilFirst: boolean;
}

const work: Work = JSON.parse(process.argv[2] ?? '{}');
keepRejections();
// Stitching warns of what random modules are full of.
console.warn = () => {};

const tally = emptyTally();
for await (const ran of casesOf(work, tally.thrown)) {
  addCase(tally, ran);
  if (work.untilFirst && tally.failed > 0) break;
}
process.send?.(tally);
process.disconnect?.();
