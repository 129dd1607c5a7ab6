/** Exit codes of every command. `tributary --help` and docs/commands.md list them. */
export const EXIT_CODES = {
  /** The command has done its work. */
  success: 0,
  /** The command failed, or what it checks does not hold. */
  failure: 1,
  /** Wrong usage: an unknown command or option, or an argument, document, module or setting that is not valid. */
  invalid: 2,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];
