import { matcherOf } from '../../upstream/routing/condition.ts';
import type { Pattern } from '../../upstream/routing/route-options.ts';
import type { ReceivedHeaders } from './header-rules.ts';

interface When {
  readonly header?: Readonly<Record<string, Pattern>> | undefined;
  readonly host?: Pattern | undefined;
  readonly contentType?: Pattern | undefined;
}

/** Result of the conditions of a route: `type` if only the media type of the body is another one. */
export type ConditionResult = 'holds' | 'type' | 'fails';

/** Conditions on the headers of a request. */
export interface RouteConditions {
  /** False if every request meets them. */
  readonly areSome: boolean;
  check(headers: ReceivedHeaders, host: string): ConditionResult;
}

/** The host without its port, in lower case. */
export const hostName = (host: string): string => host.replace(/:\d*$/, '').toLowerCase();

const mediaType = (header: ReceivedHeaders[string]): string | undefined =>
  typeof header === 'string' ? header.split(';', 1)[0]?.trim().toLowerCase() : undefined;

const lowerCased = (pattern: Pattern): Pattern =>
  pattern === true
    ? true
    : typeof pattern === 'string'
      ? pattern.toLowerCase()
      : pattern.map((one) => one.toLowerCase());

/** Headers of the request that a condition reads. Host is none: it is a part of the URL, which caches have in their keys. */
const headersOf = ({ header = {}, contentType }: When = {}): readonly string[] => {
  const names = Object.keys(header).map((name) => name.toLowerCase());
  // Caches store answers to GET. A GET may have a Content-Type, although it has no body.
  return contentType === undefined ? names : [...names, 'content-type'];
};

/** `Vary` for routes with these conditions (RFC 9110, 12.5.5): a cache must not answer a request of another route. */
export const varyOfConditions = (all: readonly (When | undefined)[]): string | undefined => {
  const names = all.flatMap(headersOf);
  return names.length === 0 ? undefined : [...new Set(names)].join(', ');
};

/** Compiles the conditions of a route. All must hold. */
export const routeConditions = ({ header = {}, host, contentType }: When = {}): RouteConditions => {
  const headerTests = Object.entries(header).map(([name, pattern]) => ({
    name: name.toLowerCase(),
    matches: matcherOf(pattern),
  }));
  const hostMatches = host === undefined ? null : matcherOf(lowerCased(host));
  const typeMatches = contentType === undefined ? null : matcherOf(lowerCased(contentType));
  return {
    areSome: headerTests.length > 0 || hostMatches !== null || typeMatches !== null,
    check: (headers, from) => {
      if (hostMatches !== null && !hostMatches(hostName(from))) return 'fails';
      if (!headerTests.every(({ name, matches }) => matches(headers[name]))) return 'fails';
      return typeMatches === null || typeMatches(mediaType(headers['content-type'])) ? 'holds' : 'type';
    },
  };
};
