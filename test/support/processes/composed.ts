import { execFile } from 'node:child_process';
import { vi } from 'vitest';
import type { LocalService } from './compose.ts';
import { ROOT, type RunningProcess, startProcess } from './processes.ts';

/** Services that run as local processes. */
export interface Composed {
  /** Starts services in the order of their dependencies, each once those are healthy; resolves when all are. */
  up(services: readonly LocalService[]): Promise<void>;
  /** Kills a service. */
  kill(name: string): Promise<void>;
  /** Stops everything that still runs. */
  down(): Promise<void>;
}

/** Against hangs: nine programs start at once, on a busy machine too. */
const MAX_START_MS = 110_000;

export const composed = (): Composed => {
  const running = new Map<string, RunningProcess>();

  const start = async (service: LocalService): Promise<void> => {
    const process = startProcess(...onThisNode(service.command), { env: service.env });
    running.set(service.name, process);
    await Promise.race([untilHealthy(service), diesEarly(service, process)]);
  };

  return {
    up: async (services) => {
      const started = new Map<string, Promise<void>>();
      const bring = (service: LocalService): Promise<void> => {
        const bringing = started.get(service.name) ?? needsOf(service).then(() => start(service));
        started.set(service.name, bringing);
        return bringing;
      };
      const needsOf = ({ needs }: LocalService) =>
        Promise.all(services.filter(({ name }) => needs.includes(name)).map(bring));
      await Promise.all(services.map(bring));
    },
    kill: async (name) => {
      const process = running.get(name);
      if (process === undefined) throw new Error(`${name} does not run.`);
      running.delete(name);
      await process.stop('SIGKILL');
    },
    down: async () => {
      await Promise.all([...running.values()].map((process) => process.stop()));
    },
  };
};

const untilHealthy = async ({ name, health, env }: LocalService): Promise<void> => {
  const [program, args] = onThisNode(health);
  const passes = () =>
    new Promise<boolean>((resolve) =>
      execFile(program, args, { cwd: ROOT, env: { PATH: process.env.PATH, ...env } }, (error) =>
        resolve(error === null),
      ),
    );
  try {
    await vi.waitUntil(passes, { timeout: MAX_START_MS, interval: 100 });
  } catch (cause) {
    throw new Error(`${name} is not healthy after ${MAX_START_MS} ms.`, { cause });
  }
};

const diesEarly = async ({ name }: LocalService, process: RunningProcess): Promise<never> => {
  await process.ended;
  throw new Error(`${name} ended before it was healthy:\n${process.output()}`);
};

/** `node` is replaced by the Node that runs the tests. */
const onThisNode = ([program = '', ...args]: readonly string[]): [string, string[]] => [
  program === 'node' ? process.execPath : program,
  args,
];
