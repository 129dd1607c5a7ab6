import { parseArgs } from 'node:util';
import { split } from 'shlex';
import { UsageError } from '../../command/exit-code.ts';

/** A part of the data of a command, in the order of the command. */
export interface CurlData {
  readonly option: 'data' | 'data-raw' | 'data-binary' | 'data-urlencode' | 'json';
  readonly value: string;
}

/** A command line of curl, by its meaning. */
export interface CurlCommand {
  readonly url: string;
  /** `-X`; null for the method that follows from the other options. */
  readonly method: string | null;
  /** As `name: value`. */
  readonly headers: readonly string[];
  readonly data: readonly CurlData[];
  /** Fields of `-F`, as written. */
  readonly form: readonly string[];
  /** True if the data is the query: `-G`. */
  readonly isQuery: boolean;
  /** `-L` */
  readonly follows: boolean;
}

const text = (short?: string) => ({ type: 'string', ...(short === undefined ? {} : { short }) }) as const;
const flag = (short?: string) => ({ type: 'boolean', ...(short === undefined ? {} : { short }) }) as const;

/** Options that say what is sent. */
const MEANT = {
  request: text('X'),
  header: text('H'),
  data: text('d'),
  'data-ascii': text(),
  'data-raw': text(),
  'data-binary': text(),
  'data-urlencode': text(),
  json: text(),
  form: text('F'),
  'form-string': text(),
  user: text('u'),
  cookie: text('b'),
  url: text(),
  'user-agent': text('A'),
  referer: text('e'),
  'oauth2-bearer': text(),
  get: flag('G'),
  location: flag('L'),
} as const;

/** Options about the output and the connection, which an import has of its own. */
const IGNORED = {
  output: text('o'),
  'write-out': text('w'),
  'max-time': text('m'),
  'connect-timeout': text(),
  retry: text(),
  'max-redirs': text(),
  'dump-header': text('D'),
  silent: flag('s'),
  'show-error': flag('S'),
  include: flag('i'),
  verbose: flag('v'),
  insecure: flag('k'),
  compressed: flag(),
  fail: flag('f'),
  'fail-with-body': flag(),
  'no-buffer': flag('N'),
  'http1.1': flag(),
  http2: flag(),
  ipv4: flag('4'),
  ipv6: flag('6'),
  globoff: flag('g'),
  'path-as-is': flag(),
  'progress-bar': flag('#'),
  'no-progress-meter': flag(),
} as const;

const options = { ...MEANT, ...IGNORED };

const wordsOf = (line: string): string[] => {
  try {
    return split(line);
  } catch {
    throw new UsageError('The curl command is not valid: a quote is not closed.');
  }
};

interface Found {
  readonly name: string;
  readonly value: string;
}

const optionsIn = (words: readonly string[]): { readonly found: Found[]; readonly urls: string[] } => {
  const { tokens } = parseArgs({ args: [...words], options, allowPositionals: true, strict: false, tokens: true });
  const found: Found[] = [];
  const urls: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') urls.push(token.value);
    if (token.kind !== 'option') continue;
    const option = Object.entries(options).find(([name]) => name === token.name)?.[1];
    if (option === undefined)
      throw new UsageError(
        `The curl option ${token.rawName} is not supported: remove it, if the call works without it.`,
      );
    if (option.type === 'string' && token.value === undefined)
      throw new UsageError(`The curl option ${token.rawName} has no value.`);
    found.push({ name: token.name, value: token.value ?? '' });
  }
  return { found, urls };
};

/** The header of `-u`. A password is required: the import does not ask for one. */
const basicHeader = (user: string): string => {
  if (!user.includes(':')) throw new UsageError('-u has no password: use -u user:password.');
  return `authorization: Basic ${Buffer.from(user).toString('base64')}`;
};

const cookieHeader = (cookies: string): string => {
  if (!cookies.includes('=')) throw new UsageError('-b names a file: write the cookies as name=value.');
  return `cookie: ${cookies}`;
};

const headerOf = ({ name, value }: Found): string[] => {
  switch (name) {
    case 'header':
      return [value];
    case 'user':
      return [basicHeader(value)];
    case 'cookie':
      return [cookieHeader(value)];
    case 'user-agent':
      return [`user-agent: ${value}`];
    case 'referer':
      return [`referer: ${value}`];
    case 'oauth2-bearer':
      return [`authorization: Bearer ${value}`];
    default:
      return [];
  }
};

const dataOf = ({ name, value }: Found): CurlData[] => {
  switch (name) {
    case 'data':
    case 'data-ascii':
      return [{ option: 'data', value }];
    case 'data-raw':
    case 'data-binary':
    case 'data-urlencode':
    case 'json':
      return [{ option: name, value }];
    default:
      return [];
  }
};

/**
 * Reads a command line of curl, as shells quote it.
 *
 * @throws UsageError for options that change the request and are not supported; without any value of the command
 */
export const curlCommand = (line: string): CurlCommand => {
  const [, ...words] = wordsOf(line);
  const { found, urls: positionals } = optionsIn(words);
  const all = (name: string): string[] => found.flatMap((one) => (one.name === name ? one.value : []));
  const urls = [...all('url'), ...positionals];
  const [url] = urls;
  if (url === undefined) throw new UsageError('The curl command has no URL.');
  if (urls.length > 1)
    throw new UsageError(
      'The curl command has more than one URL: put its values in quotes, and import one call at a time.',
    );
  return {
    url: /^[a-z]+:\/\//i.test(url) ? url : `http://${url}`,
    method: all('request').at(-1)?.toUpperCase() ?? null,
    headers: found.flatMap(headerOf),
    data: found.flatMap(dataOf),
    form: found.flatMap(({ name, value }) => (name === 'form' || name === 'form-string' ? value : [])),
    isQuery: all('get').length > 0,
    follows: all('location').length > 0,
  };
};
