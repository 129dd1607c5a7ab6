import type { Clock } from '../core/clock.ts';

/** Milliseconds after the drain to close backends, the store, telemetry and the log. */
const CLOSE_MS = 3_000;
// One Ctrl-C may arrive twice: from the terminal, and from npm up to a second later.
const SAME_CTRL_C_MS = 1_000;
const SAME_SIGNAL_MS = 250;

/**
 * Ends the process on SIGTERM, SIGINT and SIGHUP: `stop` completes the requests in flight, and the exit code is 0.
 *
 * The exit code is 1 if `stop` fails, on a second signal, or `drainMs` plus three seconds after the first one. A signal
 * within 250 ms of the first one (one second for SIGINT) does not count as a second one.
 */
export const endOnSignals = (stop: () => Promise<void>, drainMs: number, clock: Clock): void => {
  let first: { readonly at: number; readonly signal: NodeJS.Signals } | null = null;
  const end = (signal: NodeJS.Signals): void => {
    if (first !== null) {
      const sameMs = first.signal === 'SIGINT' ? SAME_CTRL_C_MS : SAME_SIGNAL_MS;
      if (clock.now() - first.at > sameMs) process.exit(1);
      return;
    }
    first = { at: clock.now(), signal };
    console.log(`${signal} received: completing the requests in flight, within ${Math.ceil(drainMs / 1_000)} s.`);
    clock.after(drainMs + CLOSE_MS, () => process.exit(1));
    void stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', end).on('SIGINT', end).on('SIGHUP', end);
};
