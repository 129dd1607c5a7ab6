import type { Command, CommandOption } from './define-command.ts';

const EXIT_CODES_TEXT =
  'Exit codes: 0 success; 1 the command failed, or its check does not hold; 2 wrong usage or invalid input.';

/** Rows of two columns, indented. */
const table = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([first]) => first.length));
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`).join('\n');
};

const optionRow = ([name, option]: readonly [string, CommandOption]): readonly [string, string] => {
  const { value, multiple = false, default: preset, description } = option;
  const notes = [
    ...(multiple ? ['may be repeated'] : []),
    ...(preset === undefined || preset === false ? [] : [`default: ${preset}`]),
  ];
  return [`--${name}${value === undefined ? '' : ` <${value}>`}`, [description, ...notes].join('; ')];
};

/** The help of one command: usage, summary, details, and options with their defaults. */
export const commandHelp = ({ name, summary, arguments: operands, details, options }: Command): string =>
  [
    ['Usage: tributary', name, ...(operands === undefined ? [] : [operands]), '[options]'].join(' '),
    [summary, ...(details === undefined ? [] : [details])].join('\n'),
    `Options:\n${table([...Object.entries(options).map(optionRow), ['-h, --help', 'prints this help']])}`,
  ].join('\n\n');

/** The list of all commands, with one line each. */
export const commandList = (commands: readonly Command[]): string =>
  [
    'Usage: tributary <command> [arguments] [options]',
    `Commands:\n${table(commands.map(({ name, summary }) => [name, summary]))}`,
    `\`tributary <command> --help\` prints the options of a command.\n${EXIT_CODES_TEXT}`,
  ].join('\n\n');
