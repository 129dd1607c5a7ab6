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
