import { GatewayError } from '../errors.ts';

/** The names in a path template: `'/levels/{sku}/{region}'` has `'sku' | 'region'`. */
export type PathParameter<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathParameter<Rest>
  : never;

/** A template that can be sent. For any other the type is the reason, which the compiler names. */
export type PathTemplate<Template extends string> = string extends Template
  ? Template
  : Template extends `${string}#${string}`
    ? 'A path template has no fragment: remove the # and what follows.'
    : Template extends `/${string}`
      ? Template
      : 'A path template begins with /.';

/** What may stand in one segment of a path. */
export type PathValue = string | number | bigint;

export type QueryValue = string | number | bigint | boolean | null | undefined;

/** A list repeats its name: `ids=a&ids=b`. Null and undefined leave the name out. */
export type Query = Readonly<Record<string, QueryValue | readonly QueryValue[]>>;

const isList = (value: Query[string]): value is readonly QueryValue[] => Array.isArray(value);

const encode = (text: string, what: string): string => {
  try {
    return encodeURIComponent(text);
  } catch (cause) {
    // A lone surrogate: GraphQL strings may hold one, UTF-8 cannot.
    throw new GatewayError('BAD_USER_INPUT', `${what} is not well-formed text.`, { cause });
  }
};

/** A path template, taken apart: what is as it stands, and the name of the value that follows each but the last. */
interface Template {
  readonly fixed: readonly string[];
  readonly names: readonly string[];
  /** Number of names in the path; those after it are in the template's query. */
  readonly inPath: number;
}

/** Visible ASCII but for `#` and braces, which no URL has as they are (RFC 3986, 3). */
const FIXED = /^[\x21\x22\x24-\x7a\x7c\x7e]*$/;

const assertSendable = (text: string, fixed: readonly string[]): void => {
  const at = `The path template ${JSON.stringify(text)}`;
  if (!text.startsWith('/')) throw new Error(`${at} must begin with /.`);
  if (!fixed.every((part) => FIXED.test(part)))
    throw new Error(`${at} holds #, a single brace, space or what is not ASCII: encode it, or take it from \`path\`.`);
};

/** Templates are written down in modules: so many are remembered, in case some module makes them up. */
const MOST_TEMPLATES = 1_000;

const templates = new Map<string, Template>();

/** Takes a template apart, once. */
const templateOf = (text: string): Template => {
  const known = templates.get(text);
  if (known !== undefined) return known;
  // A capturing group is among the parts: every other one is a name.
  const parts = text.split(/\{([^{}]*)\}/);
  const fixed = parts.filter((_, at) => at % 2 === 0);
  const names = parts.filter((_, at) => at % 2 === 1);
  assertSendable(text, fixed);
  const query = fixed.findIndex((part) => part.includes('?'));
  const template: Template = { fixed, names, inPath: query === -1 ? names.length : query };
  if (templates.size < MOST_TEMPLATES) templates.set(text, template);
  return template;
};

const textOf = (name: string, values: Readonly<Record<string, PathValue>>, template: string): string => {
  const value: unknown = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined || value === null) throw new Error(`path: {${name}} has no value in ${template}`);
  if (typeof value === 'object') throw new Error(`path: {${name}} is an object in ${template}`);
  return String(value);
};

const segment = (name: string, text: string): string => {
  // encodeURIComponent leaves dots alone, and a server would walk up the path (RFC 3986, 5.2.4).
  if (text === '' || text === '.' || text === '..')
    throw new GatewayError('BAD_USER_INPUT', `${JSON.stringify(text)} is not a valid ${name}.`);
  return encode(text, name);
};

/**
 * Fills a path template. Each value becomes exactly one encoded segment, so that none can reach another resource. In the template's
 * query it becomes one encoded value, which may be empty.
 *
 * @throws GatewayError BAD_USER_INPUT for a value that cannot be a segment: empty, `.`, `..`, or not well-formed text; Error for a
 * template that cannot be sent, and for a name without a value.
 */
export const expandPath = (template: string, values: Readonly<Record<string, PathValue>>): string => {
  const { fixed, names, inPath } = templateOf(template);
  let path = fixed[0] ?? '';
  for (let at = 0; at < names.length; at += 1) {
    const name = names[at] ?? '';
    const text = textOf(name, values, template);
    path += (at < inPath ? segment(name, text) : encode(text, name)) + (fixed[at + 1] ?? '');
  }
  return path;
};

/** `?a=1&b=2`, or nothing. @throws GatewayError BAD_USER_INPUT for text that is not well-formed; Error for an object. */
export const queryString = (query: Query): string => {
  let text = '';
  const add = (name: string, value: QueryValue): void => {
    if (value === null || value === undefined) return;
    if (typeof value === 'object')
      throw new Error(`query: ${name} is an object: give text, numbers, booleans or lists of them`);
    text += `${text === '' ? '?' : '&'}${encodeURIComponent(name)}=${encode(String(value), name)}`;
  };
  for (const name of Object.keys(query)) {
    const value = query[name];
    if (isList(value)) for (const one of value) add(name, one);
    else add(name, value);
  }
  return text;
};

/** A path, which may have a query of its own, with a further one. @throws as `queryString` */
export const withQuery = (path: string, query: Query): string => {
  const more = queryString(query);
  if (more === '' || !path.includes('?')) return path + more;
  return /[?&]$/.test(path) ? path + more.slice(1) : `${path}&${more.slice(1)}`;
};
