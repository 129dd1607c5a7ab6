import { createRequire } from 'node:module';
import type { Dispatcher } from 'undici';

/** Maximum number of interim answers (1xx) skipped in one call. RFC 9110 has no limit; servers send one or two. */
export const MAX_INTERIM_ANSWERS = 32;

const CONTINUE = 100;
const EARLY_HINTS = 103;

// undici 8.12 to 8.13 exports neither its parser nor an option for skipping 100.
const symbols: { readonly kSocket: symbol; readonly kParser: symbol } = createRequire(import.meta.url)(
  'undici/lib/core/symbols.js',
);

interface Parser {
  onHeadersComplete(status: number, upgrade: boolean, keepAlive: boolean): number;
}

const isParser = (value: unknown): value is Parser =>
  typeof value === 'object' && value !== null && 'onHeadersComplete' in value;

/** Returns the parser of a client's connection; null for HTTP/2, which has none. */
const parserOf = (client: Dispatcher): Parser | null => {
  const socket: unknown = Reflect.get(client, symbols.kSocket);
  if (typeof socket !== 'object' || socket === null) return null;
  const parser: unknown = Reflect.get(socket, symbols.kParser);
  return isParser(parser) ? parser : null;
};

/**
 * Makes a new connection skip `100 Continue` like any other interim answer.
 *
 * undici destroys the connection on a 100 without `expect: 100-continue`. A client must skip it (RFC 9110, 15.2), and
 * by then a write may have been executed. The parser has read the whole head before it reports the status, so that
 * changing the status to 103 affects nothing else.
 */
export const takeContinue = (client: Dispatcher): void => {
  const parser = parserOf(client);
  if (parser === null) return;
  const report = parser.onHeadersComplete.bind(parser);
  parser.onHeadersComplete = (status, upgrade, keepAlive) =>
    report(status === CONTINUE ? EARLY_HINTS : status, upgrade, keepAlive);
};
