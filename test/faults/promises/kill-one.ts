import { setTimeout as sleep } from 'node:timers/promises';
import { between, failed, failures, median, p99, p99BySecond, type Sample } from '../load.ts';
import type { Rig } from '../rig.ts';
import { type FaultPromise, found, whole } from './promise.ts';

/** Long compared with the noise of a busy machine, so that ratios have a meaning. */
const SERVICE_MS = 20;

interface Round {
  readonly base: number;
  /** In the second of the fault. */
  readonly fault: number;
  /** From two seconds after it. */
  readonly later: number;
}

interface Times {
  readonly baseMs: number;
  readonly deadMs: number;
  readonly backMs: number;
}

/** Kills one endpoint and restarts it, under load all the time. */
const round = async (rig: Rig, now: () => number, samples: readonly Sample[], times: Times): Promise<() => Round> => {
  const { baseMs, deadMs, backMs } = times;
  const began = now();
  await sleep(baseMs);
  const killedAt = now();
  const victim = rig.backend(0);
  await victim.kill();
  await sleep(deadMs);
  const ended = now();
  await victim.restart();
  await victim.conduct({ afterMs: SERVICE_MS });
  await sleep(backMs);
  return () => ({
    base: p99BySecond(samples, began, killedAt),
    fault: p99(between(samples, killedAt, killedAt + 1_000)),
    later: p99BySecond(samples, killedAt + 2_000, ended),
  });
};

export const killOne: FaultPromise = {
  id: 'kill-one',
  promises:
    'kill -9 of 1 of 3 under steady reads: no error; p99 in that second <= base + 50 ms, and <= 1.2 x base 2 s later (medians of three kills)',
  run: async ({ open, scale }) => {
    await using rig = await open();
    for (const backend of rig.backends) await backend.conduct({ afterMs: SERVICE_MS });
    await rig.warmUp();
    const full = scale === 'full';
    const phases = full ? { baseMs: 4_000, deadMs: 6_000, backMs: 3_000 } : { baseMs: 1_000, deadMs: 3_000, backMs: 0 };
    const perSecond = full ? 500 : 300;
    const repeats = full ? 3 : 1;
    const forMs = full ? 41_000 : 4_300;
    const load = rig.load({ perSecond, forMs, prefix: 'kill' });
    const measured: (() => Round)[] = [];
    for (let index = 0; index < repeats; index += 1) measured.push(await round(rig, load.now, load.samples, phases));
    const samples = await load.done;
    const rounds = measured.map((measure) => measure());
    const base = median(rounds.map((one) => one.base));
    const added = median(rounds.map((one) => one.fault - one.base));
    const ratio = median(rounds.map((one) => one.later / one.base));
    const errors = failed(samples);
    const times = [added > 50 && 'slow in the second of the fault', ratio > 1.2 && 'slow afterwards'];
    const figure = `${errors} errors of ${samples.length} at ${perSecond}/s; p99 ${whole(base)}, in the second of the fault +${whole(added)}, 2 s later ${ratio.toFixed(2)} x`;
    // Medians of three do not need another run.
    return found(figure, [errors > 0 && failures(samples), ...(full ? times : [])], full ? [] : times);
  },
};
