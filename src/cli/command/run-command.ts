import { ConfigurationError } from '../../core/errors.ts';
import { type Command, type CommandContext, unknownWord } from './define-command.ts';
import { CommandFailure, EXIT_CODES, type ExitCode, UsageError } from './exit-code.ts';
import { commandHelp, commandList } from './help.ts';

/** Returns true if the arguments request help. What follows `--` is no option. */
const requestsHelp = (args: readonly string[]): boolean => {
  const end = args.indexOf('--');
  const options = end < 0 ? args : args.slice(0, end);
  return options.includes('--help') || options.includes('-h');
};

/**
 * Runs one command. Expected failures are printed to standard error; wrong usage with `help`.
 *
 * @throws Error for all other failures
 */
const exitCodeOf = async (
  run: () => Promise<ExitCode>,
  help: string,
  { printError }: CommandContext,
): Promise<ExitCode> => {
  try {
    return await run();
  } catch (error) {
    if (error instanceof UsageError) {
      printError(`${error.message}\n\n${help}`);
      return EXIT_CODES.invalid;
    }
    if (error instanceof ConfigurationError || error instanceof CommandFailure) {
      printError(error.message);
      return error instanceof CommandFailure ? EXIT_CODES.failure : EXIT_CODES.invalid;
    }
    throw error;
  }
};

/** Runs a command with the arguments after its name, or prints its help. Returns the exit code. */
export const runCommand = async (
  command: Command,
  args: readonly string[],
  context: CommandContext,
): Promise<ExitCode> => {
  const help = commandHelp(command);
  if (requestsHelp(args)) {
    context.print(help);
    return EXIT_CODES.success;
  }
  return exitCodeOf(() => command.run(args, context), help, context);
};

/** Runs the command that the first argument names, or prints the list of commands. Returns the exit code. */
export const runTributary = async (
  commands: readonly Command[],
  args: readonly string[],
  context: CommandContext,
): Promise<ExitCode> => {
  const [name, ...others] = args;
  const list = commandList(commands);
  if (name === undefined || name === '--help' || name === '-h') {
    context.print(list);
    return EXIT_CODES.success;
  }
  const command = commands.find((each) => each.name === name);
  if (command !== undefined) return runCommand(command, others, context);
  const names = commands.map((each) => each.name);
  const unknown = name.startsWith('-') ? unknownWord('option', name, ['--help']) : unknownWord('command', name, names);
  context.printError(`${unknown.message}\n\n${list}`);
  return EXIT_CODES.invalid;
};
