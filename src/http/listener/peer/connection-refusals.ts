import type { Clock } from '../../../core/clock.ts';
import type { Log } from '../../../telemetry/log/log.ts';

/** Interval of the lines about one reason, in milliseconds. */
const INTERVAL_MS = 10_000;
/** Maximum number of reasons that are kept apart. */
const MAX_REASONS = 50;

/** Reports a connection that is closed before its first request, with the reason and the address of its peer. */
export type RefuseConnection = (
  reason: string,
  peer: string | undefined,
  more?: Readonly<Record<string, unknown>>,
) => void;

/**
 * Logs refused connections: of each reason the first one, and then one line in ten seconds with their number. `count` is
 * called for each.
 */
export const connectionRefusals = (
  log: Log,
  clock: Clock,
  listener: string,
  count: (reason: string) => void = () => {},
): RefuseConnection => {
  const counts = new Map<string, number>();
  const begin = (reason: string): void => {
    counts.set(reason, 0);
    clock.after(INTERVAL_MS, () => {
      const more = counts.get(reason) ?? 0;
      if (more === 0) {
        counts.delete(reason);
        return;
      }
      log.warn('Connections were refused.', { listener, reason, count: more });
      begin(reason);
    });
  };
  return (reason, peer, more = {}) => {
    count(reason);
    const known = counts.get(reason);
    if (known !== undefined) {
      counts.set(reason, known + 1);
      return;
    }
    if (counts.size >= MAX_REASONS) return;
    log.warn('A connection was refused.', { listener, reason, peer, ...more });
    begin(reason);
  };
};
