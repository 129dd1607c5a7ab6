import { CREDENTIAL_HEADERS } from '../../request/headers.ts';
import { trimmedCookieText } from '../../request/trimmed-cookie-text.ts';
import { CLIENT_NAME_HEADER, CLIENT_VERSION_HEADER } from '../../telemetry/names.ts';
import type { CallOrigin } from './call-origin.ts';
import { claimOf } from './caller-key.ts';
import type { Pattern, RouteCondition, RouteSettings } from './route-options.ts';

/** True if a condition holds for this request. */
export type Condition = (origin: CallOrigin) => boolean;

export type Matches = (value: unknown) => boolean;

const textMatches = (pattern: string): ((text: string) => boolean) => {
  const parts = pattern.split('*');
  if (parts.length === 1) return (text) => text === pattern;
  const [first = '', ...others] = parts;
  const last = others.pop() ?? '';
  // Not a RegExp: several * in a pattern would take exponential time on a text of a client.
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    let from = first.length;
    const end = text.length - last.length;
    for (const part of others) {
      const found = text.indexOf(part, from);
      if (found === -1 || found + part.length > end) return false;
      from = found + part.length;
    }
    return from <= end;
  };
};

const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

/** Compiles a pattern. A list matches if one of its entries does. */
export const matcherOf = (pattern: Pattern): Matches => {
  if (pattern === true) return (value) => value !== undefined && value !== null;
  const all = (typeof pattern === 'string' ? [pattern] : pattern).map(textMatches);
  const one = (value: unknown): boolean => isScalar(value) && all.some((matches) => matches(String(value)));
  return (value) => (Array.isArray(value) ? value.some(one) : one(value));
};

/** The value of a cookie; undefined if the request has none of this name. */
const cookieIn = (header: string | undefined, name: string): string | undefined => {
  for (const pair of header?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (at !== -1 && trimmedCookieText(pair.slice(0, at)) === name) return trimmedCookieText(pair.slice(at + 1));
  }
  return undefined;
};

type Read = (origin: CallOrigin, name: string) => unknown;

const each = (patterns: Readonly<Record<string, Pattern>> | undefined, read: Read): readonly Condition[] =>
  Object.entries(patterns ?? {}).map(([name, pattern]) => {
    const matches = matcherOf(pattern);
    return (origin) => matches(read(origin, name));
  });

const one = (pattern: Pattern | undefined, read: (origin: CallOrigin) => unknown): readonly Condition[] => {
  if (pattern === undefined) return [];
  const matches = matcherOf(pattern);
  return [(origin) => matches(read(origin))];
};

/** Headers of the request that a route reads, in lower case. A claim is in a credential. */
export const headersRead = ({ when = {}, sticky }: Pick<RouteSettings, 'when' | 'sticky'>): readonly string[] => {
  const { header = {}, cookie, claim, client, clientVersion } = when;
  const key = sticky === undefined || sticky === 'client' ? null : sticky;
  const names = [...Object.keys(header), ...(key !== null && 'header' in key ? [key.header] : [])];
  if (client !== undefined) names.push(CLIENT_NAME_HEADER);
  if (clientVersion !== undefined) names.push(CLIENT_VERSION_HEADER);
  if (cookie !== undefined) names.push('cookie');
  if (claim !== undefined || (key !== null && 'claim' in key)) names.push(...CREDENTIAL_HEADERS);
  return names.map((name) => name.toLowerCase());
};

/** Compiles the conditions of a route. All must hold. */
export const conditionOf = (when: RouteCondition): Condition => {
  const conditions = [
    ...one(when.kind, ({ operation }) => operation?.kind),
    ...one(when.operation, ({ operation }) => operation?.name),
    ...one(when.client, ({ headers }) => headers[CLIENT_NAME_HEADER]),
    ...one(when.clientVersion, ({ headers }) => headers[CLIENT_VERSION_HEADER]),
    ...each(when.header, ({ headers }, name) => headers[name.toLowerCase()]),
    ...each(when.cookie, ({ headers }, name) => cookieIn(headers.cookie, name)),
    ...each(when.claim, claimOf),
    ...each(when.argument, ({ operation }, path) => operation?.argument(path)),
  ];
  return (origin) => conditions.every((holds) => holds(origin));
};
