import { type ParseArgsOptionDescriptor, parseArgs } from 'node:util';
import { nearestSuggestion } from '../../core/suggest.ts';
import { type ExitCode, UsageError } from './exit-code.ts';

/** An option of a command, in the vocabulary of `util.parseArgs`. */
export interface CommandOption extends ParseArgsOptionDescriptor {
  readonly description: string;
  /** Name of the value in the help, such as `seconds`; only for options of type `string`. */
  readonly value?: string;
}

type CommandOptions = Readonly<Record<string, CommandOption>>;

/** The process as a command sees it. */
export interface CommandContext {
  readonly env: NodeJS.ProcessEnv;
  /** Writes a text and a line end to standard output. */
  print(text: string): void;
  /** Writes a text and a line end to standard error. */
  printError(text: string): void;
}

type ParsedArguments<O extends CommandOptions> = ReturnType<
  typeof parseArgs<{ args: string[]; options: O; allowPositionals: true }>
>;

interface CommandDefinition<O extends CommandOptions> {
  readonly name: string;
  /** One line for the list of commands. Begins with a verb in the third person. */
  readonly summary: string;
  /** Arguments in the usage line, such as `<file>…`. Without it the command takes none. */
  readonly arguments?: string;
  /** Further lines for the command's own help. */
  readonly details?: string;
  readonly options: O;
  /**
   * Does the work. Imports what it needs when it runs, so that the list of commands does not load the engine. Returns
   * 1 for a check that does not hold.
   *
   * @throws UsageError, CommandFailure or ConfigurationError for expected failures
   */
  run(input: ParsedArguments<O>, context: CommandContext): Promise<ExitCode>;
}

/** A command of `tributary`. */
export interface Command extends Omit<CommandDefinition<CommandOptions>, 'run'> {
  /** @throws UsageError for unknown options and arguments, and the errors of the definition's `run` */
  run(args: readonly string[], context: CommandContext): Promise<ExitCode>;
}

/** Creates the error for a word that is none of `known`, with the most similar one of them. */
export const unknownWord = (kind: string, word: string, known: readonly string[]): UsageError => {
  const nearest = nearestSuggestion(word, known);
  return new UsageError(`Unknown ${kind} ${word}.${nearest === null ? '' : ` Did you mean ${nearest}?`}`);
};

const rejectUnknownOptions = (args: string[], options: CommandOptions): void => {
  const { tokens } = parseArgs({ args, options, strict: false, tokens: true });
  const known = [...Object.keys(options), 'help'].map((name) => `--${name}`);
  for (const token of tokens)
    if (token.kind === 'option' && !Object.hasOwn(options, token.name))
      throw unknownWord('option', token.rawName, known);
};

const parsed = <O extends CommandOptions>(args: string[], options: O): ParsedArguments<O> => {
  rejectUnknownOptions(args, options);
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    // Each error of parseArgs is about the arguments: a value is missing, or not expected.
    throw error instanceof Error ? new UsageError(error.message, { cause: error }) : error;
  }
};

/** Creates a command from its definition. */
export const defineCommand = <const O extends CommandOptions>(definition: CommandDefinition<O>): Command => ({
  ...definition,
  run: async (args, context) => {
    const input = parsed([...args], definition.options);
    const [unexpected] = input.positionals;
    if (definition.arguments === undefined && unexpected !== undefined)
      throw new UsageError(`Unexpected argument ${unexpected}.`);
    return definition.run(input, context);
  },
});
