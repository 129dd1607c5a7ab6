import { send } from '../load/send.ts';
import { Target } from '../load/target.ts';
import { orderPage } from '../workloads/order-page.ts';
import { tributary } from './contenders.ts';
import { rssOf } from './proc.ts';
import type { Bench } from './rounds.ts';
import { startServer } from './server.ts';
import { median } from './statistics.ts';

export interface Memory {
  /** Resident memory in MiB, after each twentieth of the requests. */
  readonly rssMib: readonly number[];
  readonly requests: number;
  /** The last quarter beside the second one: the first is for growing up. */
  readonly growth: number;
}

/** Maximum of `growth` that counts as flat. */
export const MAX_GROWTH = 1.1;

export const isFlat = ({ growth }: Memory): boolean => growth <= MAX_GROWTH;

const PARTS = 20;

/** Memory of Tributary while it answers a number of pages, one after the other. */
export const memoryOver = async (requests: number, { backends }: Bench): Promise<Memory> => {
  const server = await startServer(tributary, backends.endpoints);
  const target = new Target(server, orderPage);
  try {
    await target.verify();
    const rssMib: number[] = [];
    for (let part = 0; part < PARTS; part += 1) {
      await send(target, Math.ceil(requests / PARTS));
      rssMib.push(rssOf(server.pid));
    }
    if (target.wrong > 0) throw new Error(`${target.wrong} of ${requests} answers were wrong.`);
    const quarter = PARTS / 4;
    const growth = median(rssMib.slice(-quarter)) / median(rssMib.slice(quarter, 2 * quarter));
    return { rssMib, requests, growth };
  } finally {
    target.close();
    await server.stop();
  }
};
