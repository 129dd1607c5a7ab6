import type { Send } from './call.ts';
import type { Tools } from './events.ts';
import { type HealthCheck, healthOf } from './health.ts';
import type { Member } from './member.ts';
import type { CheckSettings } from './traffic.ts';

export interface ChecksOptions {
  /** Who is checked, as of now: asked again all the time, so that members may come and go. */
  readonly members: () => readonly Member[];
  readonly check: HealthCheck;
  readonly settings: CheckSettings;
  /** The wire, without any layer: checks are no calls, and tell circuits nothing. */
  readonly send: Send;
}

/** Active checks of one upstream. */
export interface Checks {
  /** A second time does nothing. */
  start(): void;
  /** Ends checks under way. What they would have said is not heard. May be started again. */
  stop(): void;
}

/** One member that is watched. */
interface Watch {
  /** Counted from the last check that said something else. */
  failed: number;
  passed: number;
  end(): void;
}

/** Part of the interval by which waits differ; members that come are noticed within it. */
const TENTH = 0.1;

/** Why a check of somebody who is watched no longer was ended: nobody hears it. */
const notWatched = () => new Error('no longer watched');

const times = (count: number): string => (count === 1 ? '1 check' : `${count} checks in a row`);

/** Takes in what a check says, and moves the member in or out where that was the last one it took. */
const note = (member: Member, watch: Watch, detail: string | null, settings: CheckSettings, tools: Tools): void => {
  const { report, clock } = tools;
  const { address } = member;
  watch.failed = detail === null ? 0 : watch.failed + 1;
  watch.passed = detail === null ? watch.passed + 1 : 0;
  if (member.checked === 'up' && watch.failed >= settings.fall) {
    member.checked = 'down';
    report({ is: 'endpoint', address, to: 'down', because: `${times(watch.failed)} failed: ${detail}` });
  }
  if (member.checked === 'down' && watch.passed >= settings.rise) {
    member.checked = 'up';
    // It may be another process than the one that all of this was learned from.
    member.circuits.reset('health check');
    member.latency.reset();
    member.warmingSince = clock.now();
    report({ is: 'endpoint', address, to: 'up', because: `${times(watch.passed)} passed` });
  }
};

/**
 * Asks every member how it is, again and again: the first time within a tenth of `intervalMs`, so that not all are asked at
 * the same moment, then each in waits of `intervalMs`, give or take a tenth. `fall` bad answers in a row take a member out,
 * `rise` good ones bring it back, with a clean slate and a slow start. A member is never asked twice at one time; a check
 * that takes longer than the interval delays the next. Members that drain are left alone.
 */
export const activeChecks = ({ members, check, settings, send }: ChecksOptions, tools: Tools): Checks => {
  const { clock, random } = tools;
  const { intervalMs, timeoutMs } = settings;
  const watches = new Map<Member, Watch>();
  let running: { cancel(): void } | null = null;

  const watch = (member: Member, firstAfterMs: number): Watch => {
    const gone = new AbortController();
    const wait = (ms: number) => clock.after(ms, () => void ask());
    let timer = wait(firstAfterMs);
    const watched: Watch = {
      failed: 0,
      passed: 0,
      end: () => {
        timer.cancel();
        gone.abort(notWatched());
      },
    };
    const ask = async (): Promise<void> => {
      if (member.draining) return;
      const nextAt = clock.now() + intervalMs * (1 + TENTH * (2 * random() - 1));
      const { status, detail } = await healthOf(member.endpoint, check, send, clock, {
        timeoutMs,
        signal: gone.signal,
      });
      if (gone.signal.aborted) return;
      note(member, watched, status === 'up' ? null : (detail ?? 'down'), settings, tools);
      timer = wait(nextAt - clock.now());
    };
    return watched;
  };

  /** Begins to watch who has come, and lets go of who has left. */
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
