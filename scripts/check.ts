/** `npm run check`: static checks of the tree, each a claim with its proof. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crowdedFolders, sourcePaths } from './folders/crowded-folders.ts';
import { violations } from './imports/violations.ts';
import { duplicateNames, readExports, unrelatedFiles } from './names/names.ts';
import { performanceProblems } from './performance/performance-notes.ts';
import { proseProblems, readTexts } from './prose/prose.ts';

const ROOT = join(import.meta.dirname, '..');

/** Returns the evidence against a claim; empty if the claim holds. */
type Proof = () => Promise<string>;

const succeeds =
  (file: string, ...args: string[]): Proof =>
  () =>
    new Promise((resolve) =>
      execFile(
        process.execPath,
        [join(ROOT, file), ...args],
        { cwd: ROOT, maxBuffer: 64 * 1024 * 1024 },
        (error, out, err) => resolve(error ? `${out}${err}`.trim() || error.message : ''),
      ),
    );

/** Folders of all schema modules. */
const MODULES = ['schema', 'examples'].flatMap((parent) =>
  readdirSync(join(ROOT, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${parent}/${name}`),
);

const CLAIMS: Readonly<Record<string, Proof>> = {
  'Formatting and lint are clean': succeeds('node_modules/@biomejs/biome/bin/biome', 'check', '--colors=off'),
  // Several checkers repeat half of the work, and the other claims use the cores. An unchanged tree takes a second.
  'Types hold': succeeds(
    'node_modules/typescript/bin/tsc',
    ...['--noEmit', '--singleThreaded', '--incremental', '--tsBuildInfoFile', '.cache/tsbuildinfo.json'],
  ),
  'Generated files match their sources': succeeds('src/cli/main.ts', 'codegen', '--check', ...MODULES),
  'Option tables match the options': succeeds('scripts/option-tables.ts', '--check'),
  'Imports point one way': async () => violations(ROOT).join('\n'),
  'Exported names are unique': async () => duplicateNames(readExports(ROOT)).join('\n'),
  'Files are named after their exports': async () => unrelatedFiles(readExports(ROOT)).join('\n'),
  'Folders have at most 15 files': async () => crowdedFolders(sourcePaths(ROOT)).join('\n'),
  'Prose names its subject': async () => proseProblems(readTexts(ROOT)).join('\n'),
  'Performance notes and code refer to each other': async () => performanceProblems(ROOT).join('\n'),
  // A lockfile with a registry host works only on machines that can reach it.
  'Lockfiles name no registry host': async () =>
    ['package-lock.json', 'bench/package-lock.json']
      .flatMap((file) => [...readFileSync(join(ROOT, file), 'utf8').matchAll(/"resolved": "https?:.*"/g)])
      .slice(0, 5)
      .join('\n'),
};

const check = async (claim: string, prove: Proof): Promise<boolean> => {
  const against = await prove().catch((error: Error) => error.message);
  console.log(against === '' ? `✓ ${claim}` : `✗ ${claim}\n\n${against.replaceAll(/^/gm, '    ')}\n`);
  return against === '';
};

const held = await Promise.all(Object.entries(CLAIMS).map(([claim, prove]) => check(claim, prove)));
if (held.includes(false)) process.exitCode = 1;
