import type { CommandContext } from './define-command.ts';
import type { ExitCode } from './exit-code.ts';

/** The context of a command in this process. */
export const processContext = (env: NodeJS.ProcessEnv): CommandContext => ({
  env,
  print: (text) => console.log(text),
  printError: (text) => console.error(text),
});

/** Ends the process after a failure. After success it ends by itself: a gateway or a demo may still be running. */
export const endWith = (code: ExitCode): void => {
  if (code !== 0) process.exit(code);
};
