import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, relative, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { systemClock } from '../../core/clock.ts';
import { CommandFailure } from '../command/exit-code.ts';

/** A contract as read from a file or a URL. */
export interface ContractSource {
  /** For messages and comments: a path relative to the current folder, a file name, or a URL without credentials. */
  readonly name: string;
  /** Absolute path or URL. */
  readonly location: string;
  readonly value: unknown;
}

const isUrl = (source: string): boolean => /^https?:\/\//i.test(source) && URL.canParse(source);

/** The location of another file of a contract; null if it is at another origin than the contract. */
export const sourceAt = (file: string, contract: string): string | null => {
  if (!isUrl(contract)) return isUrl(file) ? null : resolve(dirname(contract), decodeURIComponent(file));
  const url = new URL(file, contract);
  return url.origin === new URL(contract).origin ? url.href : null;
};

const MAX_BYTES = 64 * 1024 * 1024;
const MAX_SECONDS = 30;
/** Of one document; the limit of the parser against references that multiply. */
const MAX_ALIASES = 10_000;

const tooLarge = (name: string): CommandFailure =>
  new CommandFailure(`${name} has more than ${MAX_BYTES / 1024 / 1024} MiB: use a contract with fewer operations.`);

/**
 * The text at a URL. `fix` ends the message of a failure.
 *
 * @throws CommandFailure for a failure, after 30 seconds at most, and for more than 64 MiB
 */
export const downloaded = async (
  url: URL,
  name: string,
  request: Omit<RequestInit, 'signal'> = {},
  fix = 'Download the file, and import it from there.',
): Promise<string> => {
  const failure = (reason: string, cause?: unknown) =>
    new CommandFailure(`${name} cannot be read: ${reason}. ${fix}`, { cause });
  const timeout = new AbortController();
  const timer = systemClock.after(MAX_SECONDS * 1_000, () => timeout.abort());
  try {
    const answer = await fetch(url, { ...request, signal: timeout.signal });
    if (!answer.ok) throw failure(`the status is ${answer.status}`);
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of answer.body ?? []) {
      size += chunk.length;
      if (size > MAX_BYTES) throw tooLarge(name);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw failure(timeout.signal.aborted ? `no answer in ${MAX_SECONDS} s` : 'no connection', error);
  } finally {
    timer.cancel();
  }
};

/** @throws CommandFailure for a path that is no file, and for more than 64 MiB */
export const local = async (file: string, name: string): Promise<string> => {
  const found = await stat(file).catch(() => null);
  if (found === null || !found.isFile()) throw new CommandFailure(`${name} is not a file: correct the path.`);
  if (found.size > MAX_BYTES) throw tooLarge(name);
  return readFile(file, 'utf8');
};

/** A path for messages: relative to the current folder, or the name of a file outside of it. */
export const shownPath = (file: string): string => {
  const path = relative(process.cwd(), file);
  return path.startsWith('..') || path.startsWith('/') ? basename(file) : path;
};

const parsed = (text: string, name: string): unknown => {
  if (/^\s*[{[]/.test(text)) {
    try {
      const value: unknown = JSON.parse(text);
      return value;
    } catch {
      // YAML reports the position, and reads JSON with comments too.
    }
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, logLevel: 'silent' });
  if (document.errors.length > 0) {
    const places = document.errors.map(({ pos, message }) => {
      const { line, col } = lines.linePos(pos[0]);
      return `  ${name}:${line}:${col}: ${message.split('\n', 1)[0]?.replace(/ at line \d+.*$/, '')}`;
    });
    throw new CommandFailure(`${name} is neither JSON nor YAML. Correct it here:\n${places.join('\n')}`);
  }
  const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
  return value;
};

/**
 * Reads a contract from a file or an http(s) URL, as JSON or YAML.
 *
 * @throws CommandFailure for a source that cannot be read or parsed, or that is larger than 64 MiB
 */
export const readSource = async (source: string): Promise<ContractSource> => {
  if (isUrl(source)) {
    const url = new URL(source);
    const name = `${url.origin}${url.pathname}`;
    return { name, location: source, value: parsed(await downloaded(url, name), name) };
  }
  const name = shownPath(source);
  return { name, location: resolve(source), value: parsed(await local(source, name), name) };
};
