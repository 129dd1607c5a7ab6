import type { Reporter } from 'vitest/node';

const INTERVAL_MS = 10_000;

/** Formats a duration as minutes and seconds. */
const clockTime = (ms: number): string => {
  const seconds = Math.floor(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};

/** Prints a line every ten seconds, for logs: time, files that have ended, files that failed, files that run. */
export const progressReporter = (): Reporter => {
  const running = new Set<string>();
  let [files, ended, failed] = [0, 0, 0];
  let startedAt = 0;
  let timer: NodeJS.Timeout | undefined;

  const print = () => {
    const failures = failed > 0 ? `, ${failed} failed` : '';
    const names = running.size > 0 ? `, running: ${[...running].join(', ')}` : '';
    console.log(`${clockTime(performance.now() - startedAt)}  ${ended} of ${files} test files${failures}${names}`);
  };

  return {
    onTestRunStart: (specifications) => {
      files = specifications.length;
      startedAt = performance.now();
      timer = setInterval(print, INTERVAL_MS);
    },
    onTestModuleStart: ({ relativeModuleId }) => void running.add(relativeModuleId),
    onTestModuleEnd: (module) => {
      running.delete(module.relativeModuleId);
      ended += 1;
      if (module.state() === 'failed') failed += 1;
    },
    onTestRunEnd: () => {
      clearInterval(timer);
      print();
    },
  };
};
