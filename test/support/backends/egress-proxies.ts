import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { createConnection } from 'node:net';
import { folderWith } from '../modules/module-folder.ts';
import { freePort } from '../processes/ports.ts';
import { type RunningProcess, startProcess } from '../processes/processes.ts';

const PATH = `${process.env.PATH}:/usr/sbin`;
const isInstalled = (program: string): boolean =>
  spawnSync(program, ['-v'], { env: { ...process.env, PATH } }).status === 0;

const missing = [isInstalled('squid') ? [] : ['squid'], isInstalled('tinyproxy') ? [] : ['tinyproxy-bin']].flat();
if (missing.length > 0 && process.env.CI !== undefined)
  throw new Error(`${missing.join(' and ')} not installed, and CI skips nothing.`);

/** Reason for which tests with Squid and tinyproxy cannot run here; null if they can. */
export const noEgressProxies: string | null =
  missing.length === 0 ? null : `not installed: run apt-get install ${missing.join(' ')}`;

export interface RunningEgressProxy extends AsyncDisposable {
  readonly port: number;
  /** Its log, as far as it is written. */
  output(): string;
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('connect', () => socket.end(() => resolve(true)));
    socket.once('error', () => resolve(false));
  });

const running = async (program: RunningProcess, port: number): Promise<RunningEgressProxy> => {
  let hasEnded = false;
  void program.ended.then(() => {
    hasEnded = true;
  });
  while (!(await isOpen(port))) if (hasEnded) throw new Error(`The proxy ended: ${program.output()}`);
  return {
    port,
    output: program.output,
    [Symbol.asyncDispose]: async () => {
      await program.stop('SIGKILL');
    },
  };
};

/** An account of a proxy. */
export interface ProxyAccount {
  readonly user: string;
  readonly password: string;
}

/** The account, and CONNECT to any port. */
const ACCOUNT_ONLY = `auth_param basic program /usr/lib/squid/basic_ncsa_auth /etc/squid/passwords
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
`;

/**
 * Starts Squid, in one process, without a cache, for one account. `hosts` are names that it resolves to 127.0.0.1. `rules`
 * are the rest of its configuration, with the usual path of the accounts. Default: the account may use every port.
 */
export const startSquid = async (
  { user, password }: ProxyAccount,
  hosts: readonly string[] = [],
  rules = ACCOUNT_ONLY,
): Promise<RunningEgressProxy> => {
  const port = await freePort();
  const hash = spawnSync('openssl', ['passwd', '-apr1', password]).stdout.toString().trim();
  const folder = folderWith({
    passwords: `${user}:${hash}\n`,
    hosts: hosts.map((host) => `127.0.0.1 ${host}\n`).join(''),
  });
  // Squid drops its privileges when it is started by root.
  chmodSync(folder, 0o777);
  for (const file of ['passwords', 'hosts']) chmodSync(`${folder}/${file}`, 0o644);
  const settings = `
http_port 127.0.0.1:${port}
pid_filename none
cache deny all
hosts_file ${folder}/hosts
cache_mem 8 MB
cache_log /dev/null
access_log none
coredump_dir ${folder}
shutdown_lifetime 0 seconds
workers 1
auth_param basic children 2 startup=2 idle=1
${rules.replace('/etc/squid/passwords', `${folder}/passwords`)}`;
  const configured = folderWith({ 'squid.conf': settings });
  chmodSync(configured, 0o755);
  return running(startProcess('squid', ['-N', '-f', `${configured}/squid.conf`], { env: { PATH } }), port);
};

/** Starts tinyproxy for one account. */
export const startTinyproxy = async ({ user, password }: ProxyAccount): Promise<RunningEgressProxy> => {
  const port = await freePort();
  const settings = `Port ${port}\nListen 127.0.0.1\nTimeout 600\nMaxClients 200\nBasicAuth ${user} ${password}\nLogLevel Warning\n`;
  const configured = folderWith({ 'tinyproxy.conf': settings });
  return running(startProcess('tinyproxy', ['-d', '-c', `${configured}/tinyproxy.conf`], { env: { PATH } }), port);
};
