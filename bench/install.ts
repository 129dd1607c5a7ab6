import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Brings the peers where they are not there yet. @throws Error where npm cannot. */
export const installPeers = (): void => {
  // npm writes it last.
  if (existsSync(join(import.meta.dirname, 'node_modules/.package-lock.json'))) return;
  console.log('The peers are not installed yet: npm ci in bench/ …');
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts'], { cwd: import.meta.dirname, stdio: 'inherit' });
  if (status !== 0) throw new Error('npm ci in bench/ has failed.');
};
