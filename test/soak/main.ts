// Tests that take too long for `npm test`, one after the other; each runs alone as well. Exits with 1 if any fails.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const SOAKS = ['upstream-leaks.ts', 'redis-hung.ts'];

let failed = false;
for (const soak of SOAKS) {
  console.log(`\n${soak}\n`);
  const child = spawn(process.execPath, [new URL(soak, import.meta.url).pathname], { stdio: 'inherit' });
  const [code]: unknown[] = await once(child, 'exit');
  failed ||= code !== 0;
}
process.exitCode = failed ? 1 : 0;
