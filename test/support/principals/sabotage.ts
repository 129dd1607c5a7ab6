import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutIn } from '../processes/checkout.ts';
import { ROOT } from '../processes/processes.ts';

/** A replacement of one place in the sources. */
export interface Sabotage {
  readonly file: string;
  readonly code: string;
  readonly instead: string;
}

/** @throws Error unless the code occurs exactly once: the sources have changed, and the replacement must follow them */
const apply = (folder: string, { file, code, instead }: Sabotage): void => {
  const path = join(folder, file);
  const [before = '', after, ...more] = readFileSync(path, 'utf8').split(code);
  if (after === undefined || more.length > 0)
    throw new Error(`${file} must contain ${JSON.stringify(code)} exactly once: update the replacement.`);
  writeFileSync(path, before + instead + after);
};

/** Makes a copy of this repository with these replacements, to start the run from. */
export const sabotagedCheckoutIn = (folder: string, sabotage: Sabotage): void => {
  checkoutIn(folder);
  const here = 'test/support';
  cpSync(join(ROOT, here), join(folder, here), { recursive: true });
  apply(folder, sabotage);
};
