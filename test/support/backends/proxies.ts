import { spawnSync } from 'node:child_process';
import { createConnection } from 'node:net';
import { folderWith } from '../modules/module-folder.ts';
import { freePort } from '../processes/ports.ts';
import { type RunningProcess, startProcess } from '../processes/processes.ts';

const isInstalled = (program: string, flag: string): boolean => spawnSync(program, [flag]).status === 0;

const missing = [
  isInstalled('nginx', '-v') ? [] : ['nginx-light'],
  isInstalled('haproxy', '-v') ? [] : ['haproxy'],
].flat();
if (missing.length > 0 && process.env.CI !== undefined)
  throw new Error(`${missing.join(' and ')} not installed, and CI skips nothing.`);

/** Reason for which tests with NGINX and HAProxy cannot run here; null if they can. */
export const noProxies: string | null =
  missing.length === 0 ? null : `not installed: run apt-get install ${missing.join(' ')}`;

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/** Resolves once a connection to the port is accepted. Rejects with the output of the program if it ends before. */
const listening = async (port: number, { ended, output }: RunningProcess): Promise<void> => {
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  const isOpen = () =>
    new Promise<boolean>((resolve) => {
      const socket = createConnection({ host: '127.0.0.1', port });
      socket.once('connect', () => socket.end(() => resolve(true)));
      socket.once('error', () => resolve(false));
    });
  while (!(await isOpen())) if (hasEnded) throw new Error(`The proxy ended: ${output()}`);
};

export interface RunningProxy extends AsyncDisposable {
  readonly url: string;
}

const running = async (program: RunningProcess, port: number): Promise<RunningProxy> => {
  const stop = async () => {
    await program.stop('SIGKILL');
  };
  await listening(port, program);
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: stop };
};

/** Starts NGINX, in one process, with these blocks of `http`, one of which has `listen 80` or `listen 80 ssl`. */
export const startNginx = async (blocks: string): Promise<RunningProxy> => {
  const port = await freePort();
  const folder = folderWith({});
  const paths = TEMPORARY.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n');
  const http = blocks.replace(/listen 80( ssl)?;/, `listen 127.0.0.1:${port}$1;`);
  const settings = `daemon off; master_process off; pid ${folder}/pid; error_log stderr crit; events {}`;
  const configured = folderWith({ 'nginx.conf': `${settings}\nhttp { access_log off;\n${paths}\n${http}\n}` });
  return running(startProcess('nginx', ['-p', folder, '-c', `${configured}/nginx.conf`]), port);
};

/**
 * Starts HAProxy in TCP mode in front of a port of this machine. `option` is that of its server: `send-proxy` or
 * `send-proxy-v2` for a PROXY header.
 */
export const startTcpHaproxy = async (
  target: number,
  option: string,
): Promise<RunningProxy & { readonly port: number }> => {
  const port = await freePort();
  const times = 'timeout client 60s\n  timeout server 60s\n  timeout connect 1s';
  const front = `listen front\n  mode tcp\n  ${times}\n  bind 127.0.0.1:${port}\n  server a 127.0.0.1:${target} ${option}`;
  const folder = folderWith({ 'haproxy.cfg': `${front}\n` });
  return { ...(await running(startProcess('haproxy', ['-db', '-f', `${folder}/haproxy.cfg`]), port)), port };
};

/** Starts HAProxy with this `backend`, called orders. */
export const startHaproxy = async (backend: string): Promise<RunningProxy> => {
  const port = await freePort();
  const front = `defaults\n  mode http\n  timeout client 60s\nfrontend http\n  bind 127.0.0.1:${port}\n  default_backend orders`;
  const folder = folderWith({ 'haproxy.cfg': `${front}\n${backend}` });
  return running(startProcess('haproxy', ['-db', '-f', `${folder}/haproxy.cfg`]), port);
};
