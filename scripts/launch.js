// Runs a file on a Node that can read TypeScript: `node scripts/launch.js <file> [arguments]`.
// Plain JavaScript for Node 16 and newer, because it reports a Node that is too old.
//
// The program receives SIGTERM when its parent has ended, even by SIGKILL. The parent is the other end of its IPC
// channel, else npm.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const GRACE_MS = 5_000;
const LOOK_MS = 1_000;

const launcher = fileURLToPath(import.meta.url);
// npm installs a Node of its own on platforms that have one (optionalDependencies in package.json).
const carried = join(dirname(launcher), '..', 'node_modules', '.bin', 'node');
const [, , file, ...args] = process.argv;

if (file === undefined) fail('Usage: node scripts/launch.js <file> [arguments]');
else if (readsTypeScript()) await runHere();
else if (existsSync(carried) && realpathSync(carried) !== process.execPath) runOn(carried);
else fail(tooOld());

function readsTypeScript() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  // Early releases of Node 23 are newer than 22.19 but cannot read TypeScript yet.
  return (major > 22 || (major === 22 && minor >= 19)) && Boolean(process.features.typescript);
}

async function runHere() {
  if (process.channel) endWithChannel();
  else endWithNpm();
  const path = resolve(file);
  process.argv.splice(1, 2, path);
  await import(pathToFileURL(path).href);
}

function endWithChannel() {
  process.once('disconnect', () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS).unref();
  });
  process.channel.unref();
}

// npm starts a shell, which starts this process. A signal to npm ends the shell but does not reach this process.
function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const ancestors = () => `${process.ppid} ${startedShell(process.ppid)}`;
  const first = ancestors();
  const timer = setInterval(() => {
    if (ancestors() === first) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, LOOK_MS);
  timer.unref();
}

// Some shells replace themselves with the program. Then npm is the parent, and the parent of npm may end.
function startedShell(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return /^Name:\s*sh$/m.test(status) ? /^PPid:\s*(\d+)$/m.exec(status)[1] : '';
  } catch {
    return '';
  }
}

function runOn(node) {
  const child = spawn(node, [launcher, file, ...args], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  const forward = (signal) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  endWithNpm();
  child.once('error', (error) => fail(`${tooOld()}\n(${error.message})`));
  child.once('exit', (code, signal) => {
    for (const name of signals) process.off(name, forward);
    if (signal === null) process.exitCode = code;
    else process.kill(process.pid, signal);
  });
}

function tooOld() {
  return [
    `Tributary needs Node 22.19 or newer. This is Node ${process.versions.node} (${process.execPath}).`,
    'Install it from https://nodejs.org. On Linux x64 `npm ci` installs one; run it without --omit=optional.',
  ].join('\n');
}

function fail(message) {
  console.error(message);
  process.exitCode = 1;
}
