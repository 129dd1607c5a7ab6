import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ROOT } from './contenders.ts';

/** A folder with the sources and the dependencies of one version. */
export interface Checkout {
  readonly root: string;
  remove(): void;
}

const extract = (commit: string): Checkout => {
  const root = mkdtempSync(join(tmpdir(), 'tributary-bench-'));
  const remove = () => rmSync(root, { recursive: true, force: true });
  try {
    const archive = execFileSync('git', ['archive', commit], { cwd: ROOT, maxBuffer: 1_073_741_824 });
    execFileSync('tar', ['-x', '-C', root], { input: archive });
    console.log(`npm ci for ${commit} …`);
    execFileSync('npm', ['ci', '--silent', '--no-audit', '--no-fund'], { cwd: root, stdio: 'inherit' });
    return { root, remove };
  } catch (error) {
    remove();
    throw error;
  }
};

/**
 * Returns the checkout in this folder, which must have its dependencies installed. Any other text is a commit or a branch:
 * its files are extracted into a temporary folder, and its dependencies are installed there.
 */
export const checkoutOf = (version: string): Checkout => {
  const folder = resolve(version);
  return existsSync(join(folder, 'package.json')) ? { root: folder, remove: () => {} } : extract(version);
};
