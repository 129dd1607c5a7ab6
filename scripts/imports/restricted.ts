import type { References } from './references.ts';
import { isTest } from './source-files.ts';

const TIME = [
  'setTimeout',
  'setInterval',
  'Date.now',
  'performance.now',
  'AbortSignal.timeout',
  'AbortSignal.any',
] as const;
/** Files that read the environment. */
const ENTRIES: readonly string[] = ['src/main.ts', 'src/cli/main.ts'];
const TIMER_MODULES = /^(node:)?timers(\/promises)?$/;

/** Returns the restricted globals and modules that a file of src uses. Tests may use all of them. */
export const restrictedIn = (path: string, { imports, globals }: References): string[] => {
  if (!path.startsWith('src/') || isTest(path)) return [];
  const time = [
    ...TIME.filter((name) => globals.includes(name)),
    ...imports.filter((name) => TIMER_MODULES.test(name)),
  ];
  const environment = globals.includes('process.env') ? ['process.env'] : [];
  return [
    ...(path === 'src/core/clock.ts'
      ? []
      : time.map((name) => `${path} must not use ${name} (only src/core/clock.ts does)`)),
    ...(ENTRIES.includes(path)
      ? []
      : environment.map((name) => `${path} must not use ${name} (only ${ENTRIES.join(' and ')} do)`)),
  ];
};
