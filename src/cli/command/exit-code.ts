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

/** An expected failure. The message is printed without a stack, and the exit code is 1. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
}

/** Wrong usage. The message is printed with the help of the command, and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Returns the message of anything that was thrown. */
export const errorMessage = (error: unknown): string => (error instanceof Error ? error.message : String(error));
