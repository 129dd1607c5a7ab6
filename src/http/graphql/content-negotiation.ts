import type { IncomingHttpHeaders } from 'node:http';
import { MIMEType } from 'node:util';
import { memoizedByHeader } from '../listener/memoized-by-header.ts';
import { RejectedError, rejection } from '../listener/rejection.ts';

const JSON_TYPE = 'application/json';
const GRAPHQL_TYPE = 'application/graphql-response+json';

/** Media types of responses of /graphql. */
export type AnswerContentType = typeof JSON_TYPE | typeof GRAPHQL_TYPE;

const parse = (header: string): MIMEType | null => {
  try {
    return new MIMEType(header.trim());
  } catch {
    return null;
  }
};

/** True for every label of UTF-8 (WHATWG Encoding), such as utf8, in any case. */
const isUtf8 = (charset: string | null): boolean => {
  try {
    return charset === null || new TextDecoder(charset).encoding === 'utf-8';
  } catch {
    return false;
  }
};

/** True if this Content-Type is JSON in UTF-8. */
export const isJson = memoizedByHeader((header: string): boolean => {
  const type = parse(header);
  return type?.essence === JSON_TYPE && isUtf8(type.params.get('charset'));
});

interface Range {
  readonly essence: string;
  readonly quality: number;
  readonly place: number;
}

const rangesOf = (accept: string): readonly Range[] =>
  accept.split(',').flatMap((part, place) => {
    const type = parse(part);
    if (type === null || !isUtf8(type.params.get('charset'))) return [];
    const quality = Number(type.params.get('q') ?? 1);
    return [{ essence: type.essence, quality: Number.isNaN(quality) ? 0 : quality, place }];
  });

/** Returns the most specific range that covers a type (RFC 9110, 12.5.1). */
const rangeFor = (type: string, ranges: readonly Range[]): Range | undefined => {
  for (const essence of [type, type.replace(/\/.*/, '/*'), '*/*']) {
    const range = ranges.find((candidate) => candidate.essence === essence);
    if (range) return range;
  }
  return undefined;
};

/**
 * Returns the accepted type with the highest quality, then the first in the header, then in `types`; null if none is
 * accepted.
 */
const bestOf = <Type extends string>(accept: string, types: readonly [Type, ...Type[]]): Type | null => {
  if (accept.trim() === '') return types[0];
  const ranges = rangesOf(accept);
  const [best] = types
    .flatMap((type) => {
      const range = rangeFor(type, ranges);
      return range && range.quality > 0 ? [{ type, range }] : [];
    })
    .sort((a, b) => b.range.quality - a.range.quality || a.range.place - b.range.place);
  return best?.type ?? null;
};

const bestAnswerType = memoizedByHeader((accept): AnswerContentType | null =>
  bestOf(accept, [JSON_TYPE, GRAPHQL_TYPE]),
);

/** True if a response of /graphql is acceptable. */
export const acceptsAnswer = (accept = ''): boolean => bestAnswerType(accept) !== null;

/** Returns the type of a notice for a client that prefers text to JSON, as browsers do; else null. */
export const noticeType = (accept = ''): 'text/html' | 'text/plain' | null => {
  const type = bestOf(accept, [JSON_TYPE, GRAPHQL_TYPE, 'text/html', 'text/plain']);
  return type === 'text/html' || type === 'text/plain' ? type : null;
};

/**
 * Returns the media type of the response: the highest quality, then the first in the header, then JSON.
 *
 * @throws RejectedError 406 if Accept allows neither type
 */
export const answerContentType = (accept = ''): AnswerContentType => {
  const type = bestAnswerType(accept);
  if (type !== null) return type;
  throw new RejectedError(
    rejection('BAD_REQUEST', `Accept must allow ${JSON_TYPE} or ${GRAPHQL_TYPE}.`, { status: 406 }),
  );
};

/** Returns the Content-Type of the response to a request with these headers. @throws RejectedError 406 */
export const contentTypeFor = ({ accept }: IncomingHttpHeaders): string =>
  answerContentType(accept) === JSON_TYPE ? `${JSON_TYPE}; charset=utf-8` : `${GRAPHQL_TYPE}; charset=utf-8`;

/** True if a browser requests a page. */
export const acceptsHtml = (accept: string | undefined): boolean =>
  rangesOf(accept ?? '').some(({ essence, quality }) => essence === 'text/html' && quality > 0);
