import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, relative, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { type Clock, systemClock } from '../../core/clock.ts';
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
/** Deadline of a request to a server. */
export const MAX_SECONDS = 30;
/** Of one document; the limit of the parser against references that multiply. */
const MAX_ALIASES = 10_000;

const tooLarge = (name: string, maxBytes: number): CommandFailure =>
  new CommandFailure(`${name} has more than ${maxBytes / 1024 / 1024} MiB: use a smaller contract or answer.`);

/** A request for a contract. */
export interface SourceRequest {
  readonly url: URL;
  /** For messages. */
  readonly name: string;
  readonly options?: Omit<RequestInit, 'signal'>;
  /** End of the message of a failure. */
  readonly fix?: string;
  readonly clock: Clock;
  /** Most bytes of the answer. Default 64 MiB. */
  readonly maxBytes?: number;
  /** Part of the deadline that earlier requests have used. Default 0. */
  readonly spentMs?: number;
}

/** A successful answer, read as a whole, or a redirect if the request does not follow them. */
export interface SourceAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

/**
 * The answer to a request.
 *
 * @throws CommandFailure for a failure, after 30 seconds at most, and for more than 64 MiB
 */
export const answerTo = async (request: SourceRequest): Promise<SourceAnswer> => {
  const {
    url,
    name,
    options = {},
    clock,
    spentMs = 0,
    maxBytes = MAX_BYTES,
    fix = 'Download the file, and import it from there.',
  } = request;
  const failure = (reason: string, cause?: unknown) =>
    new CommandFailure(`${name} cannot be read: ${reason}. ${fix}`, { cause });
  const timeout = new AbortController();
  const timer = clock.after(MAX_SECONDS * 1_000 - spentMs, () => timeout.abort());
  try {
    const answer = await fetch(url, { ...options, signal: timeout.signal });
    const isRedirect = options.redirect === 'manual' && answer.status >= 300 && answer.status < 400;
    if (!answer.ok && !isRedirect) throw failure(`the status is ${answer.status}`);
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of answer.body ?? []) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(name, maxBytes);
      chunks.push(chunk);
    }
    return { status: answer.status, headers: answer.headers, bytes: Buffer.concat(chunks) };
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw failure(timeout.signal.aborted ? `no answer in ${MAX_SECONDS} s` : 'no connection', error);
  } finally {
    timer.cancel();
  }
};

/** The text of the answer to a request; see `answerTo`. */
export const downloaded = async (request: SourceRequest): Promise<string> =>
  (await answerTo(request)).bytes.toString('utf8');

/** @throws CommandFailure for a path that is no file, and for more bytes; default 64 MiB */
export const localBytes = async (file: string, name: string, maxBytes = MAX_BYTES): Promise<Buffer> => {
  const found = await stat(file).catch(() => null);
  if (found === null || !found.isFile()) throw new CommandFailure(`${name} is not a file: correct the path.`);
  if (found.size > maxBytes) throw tooLarge(name, maxBytes);
  return readFile(file);
};

/** The text of a file; see `localBytes`. */
export const local = async (file: string, name: string): Promise<string> =>
  (await localBytes(file, name)).toString('utf8');

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
    return { name, location: source, value: parsed(await downloaded({ url, name, clock: systemClock }), name) };
  }
  const name = shownPath(source);
  return { name, location: resolve(source), value: parsed(await local(source, name), name) };
};
