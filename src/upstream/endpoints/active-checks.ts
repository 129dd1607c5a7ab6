import type { Send } from '../call.ts';
import type { LayerDependencies } from '../events.ts';
import type { CheckSettings } from '../options.ts';
import { type HealthCheck, healthOf } from './health-check.ts';
import type { Member } from './member.ts';

export interface ChecksOptions {
  /** The current members. Called repeatedly, because members change. */
  readonly members: () => readonly Member[];
  readonly check: HealthCheck;
  readonly settings: CheckSettings;
  /** The transport without layers, so that checks leave circuits unchanged. */
  readonly send: Send;
  /** The loads that members report: discarded for one that is up again. */
  readonly loads: { reset(member: Member): void };
}

/** Active checks of one upstream. */
export interface Checks {
  /** Calling it twice does nothing. */
  start(): void;
  /** Aborts checks in flight and ignores their results. `start` may be called again. */
  stop(): void;
}

/** The checks of one member. */
interface Watch {
  /** Failed checks in a row. */
  failed: number;
  passed: number;
  end(): void;
}

/** Jitter, as a share of the interval. Also how often the member list is compared. */
const TENTH = 0.1;

/** Abort reason of a check of a removed member. */
const notWatched = () => new Error('no longer watched');

const times = (count: number): string => (count === 1 ? '1 check' : `${count} checks in a row`);

/** Counts the result of a check, and takes the member out or back in at `fall` or `rise`. */
const note = (
  member: Member,
  watch: Watch,
  detail: string | null,
  { settings, loads }: Pick<ChecksOptions, 'settings' | 'loads'>,
  dependencies: LayerDependencies,
): void => {
  const { report, clock } = dependencies;
  const { address } = member;
  watch.failed = detail === null ? 0 : watch.failed + 1;
  watch.passed = detail === null ? watch.passed + 1 : 0;
  if (member.checked === 'up' && watch.failed >= settings.fall) {
    member.checked = 'down';
    report({ is: 'endpoint', address, to: 'down', reason: `${times(watch.failed)} failed: ${detail}` });
  }
  if (member.checked === 'down' && watch.passed >= settings.rise) {
    member.checked = 'up';
    // The endpoint may be another process now: discard what was measured.
    member.circuits.reset('health check');
    member.latency.reset();
    loads.reset(member);
    member.warmingSince = clock.now();
    report({ is: 'endpoint', address, to: 'up', reason: `${times(watch.passed)} passed` });
  }
};

/**
 * Checks every member repeatedly. First checks are spread over a tenth of `intervalMs`; each wait is `intervalMs` plus
 * or minus a tenth. `fall` failed checks in a row take a member out; `rise` passed ones bring it back, with reset
 * measurements and a slow start. A member has at most one check in flight; a check longer than the interval delays the
 * next. Draining members are not checked.
 */
export const activeChecks = (
  { members, check, settings, send, loads }: ChecksOptions,
  dependencies: LayerDependencies,
): Checks => {
  const { clock, random } = dependencies;
  const { intervalMs, timeoutMs } = settings;
  const watches = new Map<Member, Watch>();
  let running: { cancel(): void } | null = null;

  const watch = (member: Member, firstAfterMs: number): Watch => {
    const gone = new AbortController();
    const wait = (ms: number) => clock.after(ms, () => void runCheck());
    let timer = wait(firstAfterMs);
    const watched: Watch = {
      failed: 0,
      passed: 0,
      end: () => {
        timer.cancel();
        gone.abort(notWatched());
      },
    };
    const runCheck = async (): Promise<void> => {
      if (member.draining) return;
      const nextAt = clock.now() + intervalMs * (1 + TENTH * (2 * random() - 1));
      const { status, detail } = await healthOf(member.endpoint, check, send, clock, {
        timeoutMs,
        signal: gone.signal,
      });
      if (gone.signal.aborted) return;
      note(member, watched, status === 'up' ? null : (detail ?? 'down'), { settings, loads }, dependencies);
      timer = wait(nextAt - clock.now());
    };
    return watched;
  };

  /** Starts checks of new members and ends those of removed ones. */
  const follow = (): void => {
    const present = new Set(members().filter(({ draining }) => !draining));
    for (const [member, { end }] of watches) {
      if (present.has(member)) continue;
      end();
      watches.delete(member);
    }
    const come = [...present].filter((member) => !watches.has(member));
    for (const [index, member] of come.entries())
      watches.set(member, watch(member, (index * TENTH * intervalMs) / come.length));
    running = clock.after(TENTH * intervalMs, follow);
  };

  return {
    start: () => {
      if (running === null) follow();
    },
    stop: () => {
      running?.cancel();
      running = null;
      for (const { end } of watches.values()) end();
      watches.clear();
    },
  };
};

/** The checks of an upstream in the background, started; null for none. */
export const startedChecks = (
  { checks, check }: { readonly checks?: CheckSettings | null; readonly check: HealthCheck },
  members: { readonly current: readonly Member[] },
  { send, loads }: Pick<ChecksOptions, 'send' | 'loads'>,
  dependencies: LayerDependencies,
): Checks | null => {
  if (checks == null) return null;
  const started = activeChecks({ members: () => members.current, check, settings: checks, send, loads }, dependencies);
  started.start();
  return started;
};
