import { spawnSync } from 'node:child_process';
import { freePort } from '../processes/ports.ts';
import { startProcess } from '../processes/processes.ts';

const installed = spawnSync('dnsmasq', ['--version']).status === 0;
if (!installed && process.env.CI !== undefined) throw new Error('dnsmasq is not installed, and CI skips nothing.');

/** Reason for which tests with dnsmasq cannot run here; null if they can. */
export const noDnsmasq: string | null = installed ? null : 'dnsmasq is not installed: run apt-get install dnsmasq-base';

/** Arguments of dnsmasq that add records, such as `--srv-host=_orders._tcp.internal,a.internal,8080,0,5`. */
export type DnsRecords = readonly string[];

export interface Dnsmasq extends AsyncDisposable {
  /** `127.0.0.1:<port>` */
  readonly address: string;
  /** Restarts it on its port with these records. */
  set(records: DnsRecords): Promise<void>;
  /** Ends it. Queries then fail. */
  stop(): Promise<void>;
}

/** Starts dnsmasq with these records, each with a time to live of `ttlS` seconds. */
export const startDnsmasq = async (records: DnsRecords, ttlS: number): Promise<Dnsmasq> => {
  const port = await freePort();
  const start = async (now: DnsRecords) => {
    const fixed = ['--keep-in-foreground', '--no-resolv', '--no-hosts', '--no-daemon', '--conf-file=/dev/null'];
    const at = ['--listen-address=127.0.0.1', '--bind-interfaces', `--port=${port}`, `--local-ttl=${ttlS}`];
    const running = startProcess('dnsmasq', [...fixed, ...at, ...now]);
    await running.waitFor(/started/);
    return running;
  };
  let running: Awaited<ReturnType<typeof start>> | null = await start(records);
  const stop = async () => {
    await running?.stop('SIGKILL');
    running = null;
  };
  return {
    address: `127.0.0.1:${port}`,
    set: async (now) => {
      await stop();
      running = await start(now);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
};
