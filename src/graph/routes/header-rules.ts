import type { HeaderRuleOptions } from '../../backend/routes/route-options.ts';

type Headers = Readonly<Record<string, string>>;

/** Headers of a received message, names in lower case. Only `set-cookie` has a list. */
export type ReceivedHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Headers of a request that concern its content and the form of the answer. */
const OF_REQUESTS = [
  ...['accept', 'accept-encoding', 'accept-language', 'content-disposition', 'content-digest', 'content-encoding'],
  ...['content-language', 'content-md5', 'content-range', 'content-type', 'if-match', 'if-modified-since'],
  ...['if-none-match', 'if-range', 'if-unmodified-since', 'last-event-id', 'prefer', 'range', 'repr-digest'],
];

/** Headers of the handshake of a WebSocket (RFC 6455, 4.1) that concern the backend. */
const OF_HANDSHAKES = [
  ...['accept-language', 'sec-websocket-extensions', 'sec-websocket-key', 'sec-websocket-protocol'],
  ...['sec-websocket-version'],
];

/** Headers of an answer that concern its content, its age and what the client may do next. */
const OF_ANSWERS = [
  ...['accept-ranges', 'age', 'allow', 'cache-control', 'content-digest', 'content-disposition', 'content-encoding'],
  ...['content-language', 'content-length', 'content-location', 'content-range', 'content-type', 'etag', 'expires'],
  ...['last-modified', 'link', 'location', 'preference-applied', 'repr-digest', 'retry-after', 'vary'],
  ...['www-authenticate'],
];

/** Compiled header rules of a route, in one direction. */
export interface HeaderRuleSet {
  /** Names that are passed on, in lower case. */
  readonly names: ReadonlySet<string>;
  /** Headers with fixed values. */
  readonly set: Headers;
}

const compiled = (
  usual: readonly string[],
  { allow = [], set = {}, remove = [] }: HeaderRuleOptions,
): HeaderRuleSet => {
  const lower = (names: readonly string[]) => names.map((name) => name.toLowerCase());
  const fixed = Object.fromEntries(Object.entries(set).map(([name, value]) => [name.toLowerCase(), value]));
  const dropped = new Set([...lower(remove), ...Object.keys(fixed)]);
  return { names: new Set([...usual, ...lower(allow)].filter((name) => !dropped.has(name))), set: fixed };
};

export const requestRules = (options: HeaderRuleOptions = {}): HeaderRuleSet => compiled(OF_REQUESTS, options);

export const handshakeRules = (options: HeaderRuleOptions = {}): HeaderRuleSet => compiled(OF_HANDSHAKES, options);

/** Header rules of a route for its answers. */
export interface AnswerRuleSet extends HeaderRuleSet {
  /** True if cookies of the backend pass. They are a list, and never among `names`: cookies of the gateway must not pass. */
  readonly passesCookies: boolean;
}

export const answerRules = (options: HeaderRuleOptions = {}): AnswerRuleSet => {
  const { names, set } = compiled(OF_ANSWERS, options);
  return {
    names: new Set([...names].filter((name) => name !== 'set-cookie')),
    set,
    passesCookies: names.has('set-cookie'),
  };
};

/** Adds the headers that these rules pass on to `target`. */
export const applyRules = (
  { names, set }: HeaderRuleSet,
  from: ReceivedHeaders,
  target: Record<string, string>,
): void => {
  for (const name in from) {
    const value = from[name];
    if (typeof value === 'string' && names.has(name)) target[name] = value;
  }
  for (const name in set) target[name] = set[name] ?? '';
};
