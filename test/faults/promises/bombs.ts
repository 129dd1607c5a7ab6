import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { HUGE_SHAPES } from '../backend/conduct.ts';
import type { Rig } from '../rig.ts';
import { type FaultPromise, found } from './promise.ts';

const MEGABYTE = 1_000_000;
const MAX_READ_MS = 60_000;

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

const settledRss = (): number => {
  if (typeof collect === 'function') collect();
  return process.memoryUsage.rss();
};

/** Outcomes of a few reads, and the maximum growth of memory during them. */
const read = async (rig: Rig, shape: string, count: number) => {
  const before = settledRss();
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 5);
  const outcomes: string[] = [];
  for (let index = 0; index < count; index += 1)
    outcomes.push(await rig.call('read', `${shape}-${index}`, { deadlineMs: MAX_READ_MS }));
  clearInterval(watch);
  return { outcomes, grownBy: Math.max(most, process.memoryUsage.rss()) - before };
};

export const bombs: FaultPromise = {
  id: 'bombs',
  promises:
    '1 MB of gzip that is 1 GB, 100 MB, and an answer without end: UPSTREAM_RESPONSE_TOO_LARGE, and memory grows by less than 50 MB',
  run: async ({ open, scale }) => {
    // Without proxies, which would have buffers of their own in this process.
    await using rig = await open({
      backends: 1,
      direct: true,
      compression: true,
      timeoutMs: MAX_READ_MS,
      traffic: { circuit: false },
    });
    // The buffers that reading at full speed takes once.
    await rig.backend(0).conduct({ shape: 'large' });
    await read(rig, 'first', 3);
    const rows: string[] = [];
    const problems: string[] = [];
    for (const shape of HUGE_SHAPES) {
      await rig.backend(0).conduct({ shape });
      const { outcomes, grownBy } = await read(rig, shape, scale === 'full' ? 10 : 3);
      rows.push(`${shape} +${(grownBy / MEGABYTE).toFixed(0)} MB`);
      const others = new Set(outcomes.filter((outcome) => outcome !== 'UPSTREAM_RESPONSE_TOO_LARGE'));
      if (others.size > 0) problems.push(`${shape}: ${[...others].join(', ')}`);
      if (grownBy > 50 * MEGABYTE) problems.push(`${shape}: memory`);
    }
    return found(`${rows.join(', ')}; all cut off`, problems);
  },
};
