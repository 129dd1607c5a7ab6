import type { IncomingHttpHeaders } from 'node:http';
import { promisify } from 'node:util';
import zlib, { constants } from 'node:zlib';
import { negotiate } from '@fastify/accept-negotiator';
import { memoizedByHeader } from './memoized-by-header.ts';

// A smaller response and its headers fit into one packet without compression.
const THRESHOLD_BYTES = 1_024;
/** Longer bodies are compressed by a thread: 32 KiB take the event loop about 0.4 ms. */
const MAX_SYNC_BYTES = 32 * 1_024;

// Fast settings, because each response is compressed once and sent once.
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
const GZIP = { level: 4 };

interface Coding {
  readonly now: (text: string) => Buffer;
  readonly later: (text: string) => Promise<Buffer>;
}

const gzip = promisify<string, zlib.ZlibOptions, Buffer>(zlib.gzip);
const brotli = promisify<string, zlib.BrotliOptions, Buffer>(zlib.brotliCompress);
const zstd = promisify<string, Buffer>(zlib.zstdCompress);

/** Content codings, the preferred one first. */
const CODINGS: Readonly<Record<string, Coding>> = {
  zstd: { now: (text) => zlib.zstdCompressSync(text), later: (text) => zstd(text) },
  br: { now: (text) => zlib.brotliCompressSync(text, BROTLI), later: (text) => brotli(text, BROTLI) },
  gzip: { now: (text) => zlib.gzipSync(text, GZIP), later: (text) => gzip(text, GZIP) },
};

const NAMES = [...Object.keys(CODINGS), 'identity'];

/** Returns the best coding that a client accepts; null for none. `x-gzip` is an alias (RFC 9110, 8.4.1.3). */
const codingFor = memoizedByHeader((accepted: string): string | null => {
  const name = negotiate(accepted.toLowerCase().replaceAll('x-gzip', 'gzip'), NAMES);
  return name === null || CODINGS[name] === undefined ? null : name;
});

/** A compressed body with its Content-Encoding. */
export interface Compressed {
  readonly coding: string;
  readonly body: Buffer | Promise<Buffer>;
}

/** Compresses a long text as the client accepts: zstd, br or gzip. Null if it is sent as it is. */
export const compressed = (text: string, headers: IncomingHttpHeaders): Compressed | null => {
  const accepted = headers['accept-encoding'];
  const isShort = text.length < THRESHOLD_BYTES && Buffer.byteLength(text) < THRESHOLD_BYTES;
  if (typeof accepted !== 'string' || isShort) return null;
  const name = codingFor(accepted);
  const coding = name === null ? undefined : CODINGS[name];
  if (name === null || coding === undefined) return null;
  return { coding: name, body: text.length > MAX_SYNC_BYTES ? coding.later(text) : coding.now(text) };
};

const VARIES = ['accept', 'accept-encoding'];

const namesIn = (vary: string | undefined): readonly string[] =>
  (vary ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

const joined = memoizedByHeader((vary: string): string => {
  const names = new Map<string, string>();
  for (const name of [...namesIn(vary), ...VARIES])
    if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
  return names.has('*') ? '*' : [...names.values()].join(', ');
});

/**
 * Adds Accept and Accept-Encoding to values of Vary, so that caches store one response for each. Uncompressed responses
 * need it, too: a cache would serve them to every client.
 */
export const varyOf = (...values: readonly (string | undefined)[]): string =>
  joined(values.filter((value) => value !== undefined).join(', '));
