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

/** `Vary` for routes with these conditions: a cache must not answer a request that another route would answer. */
export const varyOfConditions = (all: readonly (When | undefined)[]): string | undefined => {
  const names = all.flatMap((when) => Object.keys(when?.header ?? {})).map((name) => name.toLowerCase());
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
