import { startBackends } from './harness/backends.ts';
import { startCalibrator } from './harness/calibrator.ts';
import { LOAD_CORE, moveTo } from './harness/cores.ts';
import type { Bench } from './harness/rounds.ts';

/** Lends what everything is measured with: this process, which is the load, and the backends are on one core from then on. */
export const withBench = async (use: (bench: Bench) => Promise<void>): Promise<void> => {
  // Only what exits can end its servers.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  moveTo(LOAD_CORE, process.pid);
  const [backends, calibrator] = await Promise.all([startBackends(), startCalibrator()]);
  try {
    await use({ backends, calibrator });
  } finally {
    backends.stop();
    calibrator.stop();
  }
};
