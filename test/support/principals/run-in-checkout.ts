import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { startProcess } from '../processes/processes.ts';
import { Summary } from './summary.ts';

/** A fixed seed. PRINCIPALS_SEED=<number> runs other queries. */
const SEED = process.env.PRINCIPALS_SEED ?? '1';

interface EndedRun {
  readonly code: number | null;
  readonly summary: Summary;
}

/** Runs `run.ts` in a checkout, with this number of concurrent callers with tokens. */
export const runInCheckout = async (root: string, callers: number): Promise<EndedRun> => {
  const program = join(root, 'test/support/principals/run.ts');
  const args = [program, '--callers', String(callers), '--seed', SEED];
  const running = startProcess(process.execPath, args, { cwd: root });
  onTestFinished(async () => {
    await running.stop();
  });
  const { code } = await running.ended;
  const [text] = /^\{\n.*^\}$/ms.exec(running.output()) ?? [];
  if (text === undefined) throw new Error(`The run ended with ${code} and without a summary:\n${running.output()}`);
  return { code, summary: Summary.parse(JSON.parse(text)) };
};
