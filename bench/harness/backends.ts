import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Endpoints, FromBackends, ToBackends } from '../backends/messages.ts';
import type { Counts, Fate, Kind } from '../backends/traffic.ts';
import { LOAD_CORE, moveTo } from './cores.ts';
import { issuersWith, JWKS } from './issuer.ts';

/** The process of all backends, on the core of the load. */
export interface Backends {
  readonly pid: number;
  readonly endpoints: Endpoints;
  /** Calls so far, by kind. */
  counts(): Promise<Counts>;
  setFate(kind: Kind, fate: Fate): Promise<void>;
  stop(): void;
}

const heard = async (child: ChildProcess): Promise<FromBackends> => {
  const [message]: unknown[] = await once(child, 'message');
  return message as FromBackends; // what backends/main.ts sends
};

const asked = async (child: ChildProcess, message: ToBackends): Promise<Counts> => {
  const answer = heard(child);
  child.send(message);
  const report = await answer;
  if ('counts' in report) return report.counts;
  throw new Error('The backends have answered something else.');
};

/** Starts them, on the core of the load unless `pinned` is false. */
export const startBackends = async ({ pinned = true } = {}): Promise<Backends> => {
  const child = fork(new URL('../backends/main.ts', import.meta.url), [JWKS], { stdio: 'inherit' });
  const { pid } = child;
  const report = await heard(child);
  if (pid === undefined || !('endpoints' in report)) throw new Error('The backends do not start.');
  if (pinned) moveTo(LOAD_CORE, pid);
  return {
    pid,
    endpoints: { ...report.endpoints, JWT_ISSUERS: issuersWith(report.keysUrl) },
    counts: () => asked(child, { counts: true }),
    setFate: async (kind, fate) => void (await asked(child, { kind, fate })),
    stop: () => child.disconnect(),
  };
};
