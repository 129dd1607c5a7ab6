import type { Backends } from '../harness/backends.ts';
import type { Contender } from '../harness/contenders.ts';
import { median } from '../harness/statistics.ts';
import { send } from '../load/send.ts';
import type { Workload } from '../workloads/workload.ts';
import type { Accounted } from './accounted-requests.ts';
import { type Probed, type ProbeOptions, withProbe } from './probed.ts';
import { type Count, perRequest } from './reading.ts';

/** Counts of one request that depend on the code and on Node's version only. */
export interface FixedCounts {
  /** KiB allocated in V8's heap by code that the optimising compilers have not seen. */
  readonly interpretedKib: number;
  readonly promises: number;
  readonly timers: number;
  readonly immediates: number;
  readonly ticks: number;
  readonly copies: number;
}

/** Allocation of one request in optimised code, which avoids a part of it. */
export interface OptimisedCounts {
  readonly optimisedKib: number;
  /** Garbage collections in 1,000 requests. */
  readonly collections: number;
}

const KIB = 1_024;
const EVENTS = ['promises', 'timers', 'immediates', 'ticks', 'copies'] as const satisfies readonly Count[];

/** Allocation. The mean of two windows of { __typename } may differ by 5 %, the least of ten by 1 %. */
const BYTE_WINDOWS = { windows: 10, requests: 100 };
/** Events, which are the same for each request: what the clock adds is in one window. */
const EVENT_WINDOWS = { windows: 3, requests: 40 };
/** Until inline caches and lazily made structures exist. */
const FIRST = 100;

// Work by the clock in between, such as health checks, adds to some windows only.
const leastOf = (values: readonly number[]): number => Math.min(...values);

interface Windows {
  readonly windows: number;
  readonly counts: readonly Count[];
  readonly requests: number;
  readonly inFlight: number;
  readonly of: (values: readonly number[]) => number;
}

/** Each count of one request, from several windows of requests. */
const inWindows = async ({ target, read }: Probed, { windows, counts, requests, inFlight, of }: Windows) => {
  const readings = [await read()];
  for (let window = 0; window < windows; window += 1) {
    await send(target, requests, inFlight);
    readings.push(await read());
  }
  return new Map(
    counts.map((count) => {
      const values = readings.flatMap((to, at) => {
        const from = readings[at - 1];
        return from === undefined ? [] : [perRequest(count, from, to, requests)];
      });
      return [count, of(values)];
    }),
  );
};

const countsIn = async (
  contender: Contender,
  workload: Workload,
  backends: Backends,
  options: ProbeOptions,
  sampled: Pick<Windows, 'windows' | 'requests' | 'counts'>,
) =>
  withProbe(contender, workload, backends, options, async (probed) => {
    await send(probed.target, FIRST, 1);
    return inWindows(probed, { ...sampled, inFlight: 1, of: leastOf });
  });

/** The counts of one request of a contender that a committed baseline can hold. One request is in flight at a time. */
export const fixedCountsOf = async (
  { contender, workload, window = BYTE_WINDOWS.requests }: Pick<Accounted, 'contender' | 'workload' | 'window'>,
  backends: Backends,
): Promise<FixedCounts> => {
  // Without the optimising compilers, which decide by the time of day what they compile.
  const flags = ['--no-opt', '--no-maglev'];
  const [events, bytes] = await Promise.all([
    countsIn(contender, workload, backends, { counts: 'events' }, { ...EVENT_WINDOWS, counts: EVENTS }),
    countsIn(
      contender,
      workload,
      backends,
      { counts: 'bytes', flags },
      { ...BYTE_WINDOWS, requests: window, counts: ['bytes'] },
    ),
  ]);
  // The reading itself adds a few to a window.
  const event = (count: Count): number => Math.round(events.get(count) ?? Number.NaN);
  return {
    interpretedKib: Math.round((bytes.get('bytes') ?? Number.NaN) / KIB),
    promises: event('promises'),
    timers: event('timers'),
    immediates: event('immediates'),
    ticks: event('ticks'),
    copies: event('copies'),
  };
};

const WARM_UP = 20_000;
const LOADED_WINDOWS = 5;
const LOADED_WINDOW = 2_000;

/** Allocation under load, when the code that matters is compiled. */
export const optimisedCountsOf = (
  contender: Contender,
  workload: Workload,
  backends: Backends,
): Promise<OptimisedCounts> =>
  withProbe(contender, workload, backends, { counts: 'bytes' }, async (probed) => {
    await send(probed.target, WARM_UP);
    const counts = await inWindows(probed, {
      windows: LOADED_WINDOWS,
      counts: ['bytes', 'collections'],
      requests: LOADED_WINDOW,
      inFlight: 32,
      of: median,
    });
    return {
      optimisedKib: (counts.get('bytes') ?? Number.NaN) / KIB,
      collections: (counts.get('collections') ?? Number.NaN) * 1_000,
    };
  });
